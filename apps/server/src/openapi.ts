/** The OpenAPI 3.1 description of the tables of routes, from the same schemas that judge requests. */
import { errorBody } from '@godwit/protocol/api.ts'
import { pollRoutes } from '@godwit/server/gateway/poll-routes.ts'
import type { RouteAuth, RouteDescription } from '@godwit/server/gateway/route.ts'
import { routes } from '@godwit/server/gateway/routes.ts'
import { z } from 'zod'

export interface JsonSchema {
  readonly [key: string]: unknown
}

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly security: readonly Record<string, readonly string[]>[]
  readonly parameters: readonly {
    readonly name: string
    readonly in: 'path' | 'query'
    readonly required: boolean
    readonly schema: JsonSchema
  }[]
  readonly requestBody?: { readonly required: true; readonly content: Content }
  readonly responses: { readonly [status: string]: { readonly description: string; readonly content: Content } }
}

interface Content {
  readonly 'application/json': { readonly schema: JsonSchema }
}

export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: { readonly securitySchemes: object; readonly schemas: { readonly Error: JsonSchema } }
}

export function openApi(): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const route of [...routes, ...Object.values(pollRoutes)]) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Godwit',
      version: '1',
      description:
        'Everything that is not live, and sending and reading where WebSockets are blocked. Live traffic is at /ws: see docs/protocol.md. A request that is refused answers with an Error; its `code` says what to do, see docs/errors.md.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Error: jsonSchema(errorBody, 'output') },
    },
  }
}

function operation(route: RouteDescription): Operation {
  const parameters = [...parametersOf('path', route.params), ...parametersOf('query', route.query)]
  return {
    operationId: route.operation,
    tags: [route.tag],
    summary: route.summary,
    security: security(route.auth),
    parameters,
    ...(route.body && { requestBody: { required: true as const, content: content(jsonSchema(route.body, 'input')) } }),
    responses: {
      '200': { description: 'Done.', content: content(jsonSchema(route.answer, 'output')) },
      default: { description: 'Refused.', content: content({ $ref: '#/components/schemas/Error' }) },
    },
  }
}

const security = (auth: RouteAuth) => (auth === 'none' ? [] : [{ token: [] }])
const content = (schema: JsonSchema): Content => ({ 'application/json': { schema } })

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined): Operation['parameters'] {
  if (!schema) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as { properties?: Record<string, JsonSchema>; required?: string[] }
  return Object.entries(properties).map(([name, shape]) => ({ name, in: place, required: required.includes(name), schema: shape }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _same, ...rest } = z.toJSONSchema(schema, {
    io,
    // Branding of ids is a transform that leaves the string as it is; entries are described in docs/protocol.md.
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema: made }) {
      const { def } = zodSchema._zod
      if (def.type === 'custom') Object.assign(made, { type: 'object', description: 'An entry: see docs/protocol.md.' })
      if (def.type === 'transform') Object.assign(made, { type: 'string' })
    },
  })
  return rest
}
