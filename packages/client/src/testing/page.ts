/** What a page of the browser tests loads: the client with its offline store, for the test to drive. */
import { createClient } from '../client.ts'
import { indexedDbStore } from '../store-indexeddb.ts'
import type { Client, Session } from '../types.ts'

declare global {
  var openClient: (url: string, session: Session) => Client
  var client: Client
}

globalThis.openClient = (url, session) => {
  globalThis.client = createClient({ url, session, store: indexedDbStore({ name: 'kill-test' }), since: 'start' })
  void globalThis.client.connect().catch(() => {})
  return globalThis.client
}
