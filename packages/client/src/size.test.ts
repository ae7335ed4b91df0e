import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, it } from 'vitest'

/** KiB of everything that a module brings into a page, minified and gzipped. */
async function kibOf(module: string): Promise<number> {
  const path = fileURLToPath(new URL(module, import.meta.url))
  const built = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? id : null),
        load: (id) => (id === 'entry' ? `import * as all from ${JSON.stringify(path)}; globalThis.all = all` : null),
      },
    ],
    build: { write: false, modulePreload: false, rollupOptions: { input: 'entry' } },
  })
  if (!('output' in built)) throw new Error('one bundle is expected')
  return gzipSync(built.output[0].code, { level: 9 }).length / 1024
}

it('weighs at most 21 KiB, and the offline store at most 6 more', async () => {
  expect(await kibOf('./index.ts')).toBeLessThan(21)
  expect(await kibOf('./store-indexeddb.ts')).toBeLessThan(6)
})
