import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { type Patch, patchedSources, select } from './patch.ts'

const tools = fileURLToPath(new URL('../../', import.meta.url))
const tables = globSync('*/src/**/*.ts', { cwd: tools })
  .map((path) => `${tools}${path}`)
  .filter((path) => /^export const patches\b/m.test(readFileSync(path, 'utf8')))

test('every patch of every table fits the sources as they stand, and leaves what can be read as a module', async () => {
  expect(tables.length).toBeGreaterThan(0)
  for (const path of tables) {
    const { patches } = (await import(pathToFileURL(path).href)) as { readonly patches: readonly Patch[] }
    for (const { name } of patches) {
      const sources = patchedSources(select(patches, [name]))
      expect(sources.size, name).toBe(1)
      for (const source of sources.values()) expect(() => stripTypeScriptTypes(source), name).not.toThrow()
    }
  }
})
