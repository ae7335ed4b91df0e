/** A store that forgets with the process. */
import type { Pair, Store } from './store.ts'

export function memoryStore(): Store {
  const values = new Map<string, unknown>()
  return {
    get: async (key) => values.get(key),
    list: async (prefix) =>
      [...values].filter(([key]): boolean => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)) satisfies Pair[],
    write: async (changes) => {
      for (const [key, value] of changes) {
        if (value === undefined) values.delete(key)
        else values.set(key, value)
      }
    },
    close: async () => {},
  }
}
