import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterAll, describe, expect, it } from 'vitest'
import type { Store } from './store.ts'
import { fileStore } from './store-file-node.ts'
import { indexedDbStore } from './store-indexeddb.ts'
import { memoryStore } from './store-memory.ts'

globalThis.IDBKeyRange = IDBKeyRange
const folder = await mkdtemp(join(tmpdir(), 'godwit-store-'))
afterAll(() => rm(folder, { recursive: true }))
let files = 0
const databases = new IDBFactory()

/** `survives`: it outlives the process. */
const stores: { name: string; open: (name: string) => Promise<Store>; survives: boolean }[] = [
  { name: 'memory', open: async () => memoryStore(), survives: false },
  { name: 'indexeddb', open: async (name) => indexedDbStore({ name, indexedDB: databases }), survives: true },
  { name: 'file', open: (name) => fileStore(join(folder, name)), survives: true },
]

describe.each(stores)('a store in $name', ({ open }) => {
  const fresh = () => `amina-${++files}`

  it('answers what was written, and undefined for what was not', async () => {
    const store = await open(fresh())
    await store.write([['o/1', { text: 'Zwei Pfuhlschnepfen 🐦' }]], true)
    expect(await store.get('o/1')).toEqual({ text: 'Zwei Pfuhlschnepfen 🐦' })
    expect(await store.get('o/2')).toBeUndefined()
    await store.close()
  })

  it('lists a prefix rising by key, and no other', async () => {
    const store = await open(fresh())
    await store.write(
      [
        ['o/0002', 'b'],
        ['p/0001', 'x'],
        ['o/0010', 'c'],
        ['o/0001', 'a'],
        ['n', 'y'],
      ],
      false,
    )
    expect(await store.list('o/')).toEqual([
      ['o/0001', 'a'],
      ['o/0002', 'b'],
      ['o/0010', 'c'],
    ])
    expect(await store.list('')).toHaveLength(5)
    await store.close()
  })

  it('deletes with undefined, and takes writes in the order of the calls', async () => {
    const store = await open(fresh())
    await Promise.all([store.write([['d/1', 'first']], false), store.write([['d/1', 'second']], true), store.write([['d/2', 1]], false)])
    expect(await store.get('d/1')).toBe('second')
    await store.write(
      [
        ['d/1', undefined],
        ['d/3', null],
      ],
      true,
    )
    expect(await store.list('d/')).toEqual([
      ['d/2', 1],
      ['d/3', null],
    ])
    await store.close()
  })
})

describe.each(stores.filter(({ survives }) => survives))('a store in $name', ({ open }) => {
  it('is the same when it is opened again', async () => {
    const name = `bjorn-${++files}`
    const store = await open(name)
    await store.write(
      [
        ['u/1', { name: 'محمد' }],
        ['u/2', 'gone'],
      ],
      true,
    )
    await store.write([['u/2', undefined]], true)
    await store.close()
    const again = await open(name)
    expect(await again.list('')).toEqual([['u/1', { name: 'محمد' }]])
    await again.close()
  })
})

describe('the file', () => {
  it('a line that a crash cut off is dropped; what was durable before it stays', async () => {
    const path = join(folder, 'torn')
    const store = await fileStore(path)
    await store.write([['o/1', 'kept']], true)
    await store.write([['o/2', 'cut off in the middle']], true)
    await store.close()
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.slice(0, -8))
    const again = await fileStore(path)
    expect(await again.list('o/')).toEqual([['o/1', 'kept']])
    await again.write([['o/3', 'goes on']], true)
    await again.close()
    const last = await fileStore(path)
    expect(await last.list('o/')).toEqual([
      ['o/1', 'kept'],
      ['o/3', 'goes on'],
    ])
    await last.close()
  })

  it('does not grow without end', async () => {
    const path = join(folder, 'long')
    const store = await fileStore(path)
    const tail = 'x'.repeat(20_000)
    for (let i = 0; i < 300; i++) await store.write([['t/1', tail + i]], false)
    await store.close()
    expect((await readFile(path)).length).toBeLessThan(1.2 * 1024 * 1024)
    const again = await fileStore(path)
    expect(await again.get('t/1')).toBe(`${tail}299`)
    await again.close()
  })

  it('refuses a file that another process has open', async () => {
    const path = join(folder, 'locked')
    await writeFile(`${path}.lock`, String(process.ppid))
    await expect(fileStore(path)).rejects.toThrow(`${path} is in use by process ${process.ppid}`)
  })
})
