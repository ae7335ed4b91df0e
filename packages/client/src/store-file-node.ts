/**
 * The store of a Node process: one append-only file of JSON lines, a line a write, so that a write is there whole or not at all. It is
 * rewritten when most of it is outdated. Import it from `@godwit/client/node`.
 */
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Pair, Store } from './store.ts'

/** Rewritten when it is at least this long, and `wasteMax` times what a rewrite would leave. */
const rewriteBytesMin = 1024 * 1024
const wasteMax = 4

interface Waiting {
  readonly line: string
  readonly durable: boolean
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Opens or makes the file. Throws when another process has it open, and what `node:fs` throws. A last line that a crash cut off
 * was never promised to anybody, and is dropped.
 */
export async function fileStore(path: string): Promise<Store> {
  const unlock = await lock(path)
  const values = await load(path)
  // A new file from the start: nothing is ever appended to a torn line.
  let { file, bytes } = await rewrite(path, values)
  let waiting: Waiting[] = []
  let working: Promise<void> | null = null

  async function work() {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        const text = batch.map(({ line }) => line).join('')
        await file.appendFile(text)
        bytes += Buffer.byteLength(text)
        if (batch.some(({ durable }) => durable)) await file.datasync()
        for (const { resolve } of batch) resolve()
        if (bytes > rewriteBytesMin && bytes > wasteMax * linesOf(values).length) {
          await file.close()
          ;({ file, bytes } = await rewrite(path, values))
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    working = null
  }

  return {
    get: async (key) => parsed(values.get(key)),
    list: async (prefix) =>
      [...values]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]): Pair => [key, parsed(value)]),
    write(changes, durable) {
      const encoded = changes.map(([key, value]) => [key, value === undefined ? undefined : JSON.stringify(value)] as const)
      apply(values, encoded)
      return new Promise((resolve, reject) => {
        waiting.push({ line: lineOf(encoded), durable, resolve, reject })
        working ??= work()
      })
    },
    async close() {
      await working
      await file.close()
      await unlock()
    },
  }
}

type Encoded = readonly (readonly [key: string, json: string | undefined])[]

function apply(values: Map<string, string>, changes: Encoded): void {
  for (const [key, json] of changes) {
    if (json === undefined) values.delete(key)
    else values.set(key, json)
  }
}

/** `[["key",value],["gone"]]` */
function lineOf(changes: Encoded): string {
  return `[${changes.map(([key, json]) => `[${JSON.stringify(key)}${json === undefined ? '' : `,${json}`}]`).join(',')}]\n`
}

function linesOf(values: ReadonlyMap<string, string>): string {
  return [...values].map((pair) => lineOf([pair])).join('')
}

function parsed(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json)
}

async function load(path: string): Promise<Map<string, string>> {
  const values = new Map<string, string>()
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  for (const line of text.split('\n').slice(0, -1)) {
    const changes = JSON.parse(line) as [key: string, value?: unknown][]
    apply(
      values,
      changes.map(([key, ...value]) => [key, value.length === 0 ? undefined : JSON.stringify(value[0])] as const),
    )
  }
  return values
}

/** In one step for whoever looks: a new file takes the old one's name once it is safe. */
async function rewrite(path: string, values: ReadonlyMap<string, string>): Promise<{ file: FileHandle; bytes: number }> {
  const lines = linesOf(values)
  const fresh = await open(`${path}.new`, 'w', 0o600)
  await fresh.writeFile(lines)
  await fresh.sync()
  await fresh.close()
  await rename(`${path}.new`, path)
  const folder = await open(dirname(path))
  await folder.sync()
  await folder.close()
  return { file: await open(path, 'a', 0o600), bytes: Buffer.byteLength(lines) }
}

/** Two processes would write over each other. A lock whose process is gone is no lock. */
async function lock(path: string): Promise<() => Promise<void>> {
  const lockPath = `${path}.lock`
  const owner = Number(await readFile(lockPath, 'utf8').catch(() => '0'))
  if (owner > 0 && owner !== process.pid && isAlive(owner)) throw new Error(`${path} is in use by process ${owner}`)
  await writeFile(lockPath, String(process.pid), { mode: 0o600 })
  return () => rm(lockPath, { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
