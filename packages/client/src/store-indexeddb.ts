/**
 * The store of a browser: one object store of one IndexedDB database. Import it from `@godwit/client/offline`.
 *
 * Opening takes 10-100 ms, reading a few; so it is opened when it is made, before anything else of the application runs.
 */
import type { Pair, Store } from './store.ts'
import { browserTabs, type Tabs } from './tabs.ts'

const table = 'pairs'

export interface IndexedDbOptions {
  /** Name of the database; tabs with the same name are one device. */
  readonly name?: string
  readonly indexedDB?: IDBFactory
  readonly tabs?: Tabs
}

export function indexedDbStore({ name = 'godwit', indexedDB = globalThis.indexedDB, tabs }: IndexedDbOptions = {}): Store {
  const opening = open(indexedDB, name)
  // Whoever uses the store meets the error; nobody may ever use it.
  opening.catch(() => {})

  return {
    tabs: tabs ?? browserTabs(name),

    async get(key) {
      const db = await opening
      return done(db.transaction(table).objectStore(table).get(key))
    },

    async list(prefix) {
      const db = await opening
      const pairs = db.transaction(table).objectStore(table)
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
      const [keys, values] = await Promise.all([done(pairs.getAllKeys(range)), done(pairs.getAll(range))])
      return keys.map((key, i): Pair => [key as string, values[i]])
    },

    async write(changes, durable) {
      const db = await opening
      const transaction = db.transaction(table, 'readwrite', { durability: durable ? 'strict' : 'relaxed' })
      const pairs = transaction.objectStore(table)
      for (const [key, value] of changes) {
        if (value === undefined) pairs.delete(key)
        else pairs.put(value, key)
      }
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve()
        transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'))
      })
    },

    async close() {
      const db = await opening
      db.close()
    },
  }
}

function open(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  const request = factory.open(name, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(table)
  return done(request).then((db) => {
    // A newer version in another tab, or the user clearing the data, must not wait for this one.
    db.onversionchange = () => db.close()
    return db
  })
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
