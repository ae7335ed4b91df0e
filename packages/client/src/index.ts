/** The public face of the package. */
export { type ClientOptions, createClient, type Login, login, register, type ServerOptions } from './client.ts'
export type { Clock } from './clock.ts'
export type { Change, Store } from './store.ts'
export type * from './types.ts'
