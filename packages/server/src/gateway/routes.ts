/** The table of the HTTP API. The listener serves it, OpenAPI describes it, and the access matrix walks it. */
import { accountsRoutes } from './accounts-routes.ts'
import { conversationRoutes } from './conversation-routes.ts'
import type { Route } from './route.ts'

export const routes: readonly Route[] = [...accountsRoutes, ...conversationRoutes]
