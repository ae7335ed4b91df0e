/** The public face of the package. */
export { type ClientOptions, createClient, type Login, login, register, type ServerOptions } from './client.ts'
export type { Clock } from './clock.ts'
export type { Pair, Store } from './store.ts'
export { memoryStore } from './store-memory.ts'
export type { Tabs } from './tabs.ts'
export type * from './types.ts'
