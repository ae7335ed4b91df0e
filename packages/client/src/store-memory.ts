/** A store that forgets with the process. Values are copied, as every other store does. */
import type { Pair, Store } from './store.ts'

export function memoryStore(): Store {
  const values = new Map<string, unknown>()
  return {
    get: async (key) => structuredClone(values.get(key)),
    list: async (prefix) =>
      [...values]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]): Pair => [key, structuredClone(value)]),
    write: async (changes) => {
      for (const [key, value] of changes) {
        if (value === undefined) values.delete(key)
        else values.set(key, structuredClone(value))
      }
    },
    close: async () => {},
  }
}
