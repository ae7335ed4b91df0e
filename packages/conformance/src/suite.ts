import { afterAll, beforeAll } from 'vitest'

/** A backend under test: its port, and how to end it. */
export interface Opened<Port> {
  readonly port: Port
  close(): Promise<void>
}

/** Opens a backend, empty or not: tests use ids of their own. */
export type Open<Port> = () => Promise<Opened<Port>>

/** One backend for all tests of the surrounding `describe`. */
export function openOnce<Port extends object>(open: Open<Port>): () => Port {
  let opened: Opened<Port> | undefined
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened?.close())
  return () => {
    if (!opened) throw new Error('the backend is open only inside a test')
    return opened.port
  }
}
