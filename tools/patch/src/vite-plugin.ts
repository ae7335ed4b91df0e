import { pathToFileURL } from 'node:url'
import { sourcesOfEnvironment } from './environment.ts'

/** The patches of the environment in tests: Vitest loads sources by itself, past the hooks of Node. */
export function patches() {
  return {
    name: 'patches',
    enforce: 'pre' as const,
    async load(id: string): Promise<string | null> {
      const sources = await sourcesOfEnvironment()
      return sources.get(pathToFileURL(id.replace(/\?.*$/, '')).href) ?? null
    },
  }
}
