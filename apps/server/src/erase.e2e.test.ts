import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSnapshot } from '@godwit/backend-local/snapshot.ts'
import { type Client, createClient, register } from '@godwit/client'
import { RealServer } from '@godwit/client/testing/server-node.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Ended, onDataFolder } from './testing/on-data-folder.ts'

const password = 'Prärie-Läufer 鷸 7'
/** Several processes start one after another, and a thousand messages are sent. */
const timeout = 180_000
const canary = 'CANARY-5f3a9'

let server: RealServer
let data: string
let clients: Client[]

beforeEach(async () => {
  server = new RealServer()
  data = join(server.folder, 'data')
  clients = []
  await server.start()
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await server.end()
})

async function device(name: string, displayName: string): Promise<Client> {
  const session = await register({ url: server.url, name, password, displayName })
  const client = createClient({ url: server.url, session, since: 'start' })
  clients.push(client)
  await client.connect()
  return client
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; !(await isTrue()); attempt++) {
    if (attempt === 3_000) throw new Error('it does not come')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const run = (...args: string[]): Promise<Ended> => onDataFolder(data, ...args).ended

/** Every byte on the disk of the server. */
const holds = (text: string) => readdirSync(data).filter((file) => readFileSync(join(data, file)).includes(text))

const idOf = (client: Client) => client.userId as UserId

async function progress(userId: UserId) {
  using snapshot = openSnapshot(data)
  return snapshot.erasures.get(userId)
}

/** Zoë writes `count` messages to Bo; answers where. */
async function talkOf(zoe: Client, bo: Client, count: number): Promise<ConversationId> {
  const talk = await zoe.openDirect(idOf(bo))
  await Promise.all(Array.from({ length: count }, (_, n) => talk.send({ text: `${canary} ${n}: die Pfuhlschnepfen sind da 🐦` }).acked))
  await until(() => bo.conversation(talk.id).row.get()?.head === count + 1)
  return talk.id
}

async function expectWholeAndBlank(bo: Client, talk: ConversationId, count: number): Promise<void> {
  const seqs: number[] = []
  for (let after = 0, more = true; more; ) {
    const page = await bo.conversation(talk).history({ after, limit: 200 })
    for (const entry of page.entries) {
      seqs.push(entry.seq)
      if (entry.kind === 'message') expect(entry).toMatchObject({ text: '', deleted: {} })
    }
    after = seqs.at(-1) ?? 0
    more = page.more.after
  }
  // Its creation, the messages, the leaving, and each deletion once.
  expect(seqs).toEqual(Array.from({ length: 2 * count + 2 }, (_, i) => i + 1))
}

test('a user is erased while the server serves: devices are told, sessions end, and no byte of theirs is left', { timeout }, async () => {
  const [zoe, bo] = [await device('zoe', 'Zoë van Dijk'), await device('bo', 'Bo')]
  const talk = await talkOf(zoe, bo, 20)
  await zoe.conversation(talk).edit(2, `${canary} edited`).acked
  await bo.conversation(talk).send({ text: 'Which sandbar?', replyTo: 2 }).acked
  bo.conversation(talk).timeline.subscribe(() => {})
  expect(holds('Zoë van Dijk')).not.toEqual([])

  const kept = await run('export', '--user', 'zoe')
  expect(kept.lines[0]).toMatchObject({ type: 'user', name: 'zoe', displayName: 'Zoë van Dijk' })
  expect(kept.lines.filter(({ kind }) => kind === 'message')).toHaveLength(20)
  expect(kept.lines.at(-1)).toEqual({ type: 'end', entries: 21 })

  const { code, lines, stderr } = await run('erase', '--user', 'zoe')
  expect(code, stderr).toBe(0)
  expect(lines).toEqual([{ userId: idOf(zoe), messages: 20, erasedAt: expect.any(String), by: 'the server' }])

  expect(holds(canary)).toEqual([])
  expect(holds('Zoë van Dijk')).toEqual([])
  const shown = () => bo.conversation(talk).timeline.get().items
  await until(() => shown().filter(({ deleted }) => deleted).length === 20)
  expect(JSON.stringify(shown())).not.toContain(canary)
  expect(bo.conversation(talk).row.get()).toMatchObject({ title: 'Deleted user', preview: { text: 'Which sandbar?' } })
  await until(() => zoe.connection.get().status === 'signed-out')
  await expect(register({ url: server.url, name: 'zoe', password })).resolves.toBeDefined()

  const again = await run('erase', '--user', idOf(zoe))
  expect(again.lines).toEqual(lines)
  expect((await run('export', '--user', idOf(zoe))).lines[0]).toMatchObject({ displayName: 'Deleted user', createdAt: 0 })
})

test('[L3] kill -9 of the server in the middle of an erasure: the next start ends it, and nothing is doubled', { timeout }, async () => {
  const [zoe, bo] = [await device('zoe', 'Zoë van Dijk'), await device('bo', 'Bo')]
  const count = 1_000
  const talk = await talkOf(zoe, bo, count)
  const { ended } = onDataFolder(data, 'erase', '--user', 'zoe')
  for (const upTo of [1, 400]) {
    await until(async () => ((await progress(idOf(zoe)))?.messages ?? 0) >= upTo)
    await server.kill()
    expect(await progress(idOf(zoe))).toMatchObject({ doneAt: null })
    await server.start()
  }
  // The command has waited all the while.
  expect((await ended).lines).toMatchObject([{ userId: idOf(zoe), messages: count }])
  await expectWholeAndBlank(bo, talk, count)
  expect(holds(canary)).toEqual([])
})

test('[L3] without a server the command does it, and the same command goes on where kill -9 ended it', { timeout }, async () => {
  const [zoe, bo] = [await device('zoe', 'Zoë van Dijk'), await device('bo', 'Bo')]
  const count = 800
  const talk = await talkOf(zoe, bo, count)
  await server.kill()
  const first = onDataFolder(data, 'erase', '--user', 'zoe')
  await until(async () => ((await progress(idOf(zoe)))?.messages ?? 0) > 0)
  first.child.kill('SIGKILL')
  expect((await first.ended).code).toBeNull()
  expect(await progress(idOf(zoe))).toMatchObject({ doneAt: null })
  const { lines } = await run('erase', '--user', idOf(zoe))
  expect(lines).toMatchObject([{ userId: idOf(zoe), messages: count, by: 'this command' }])
  expect(holds(canary)).toEqual([])
  await server.start()
  await expectWholeAndBlank(bo, talk, count)
})

test.each([
  ['NO_USER', 'data', 'erase', '--user', 'nobody'],
  ['NO_USER', 'data', 'export', '--user', 'u_nobody'],
  ['NO_DATA', 'nowhere', 'erase', '--user', 'zoe'],
  ['NO_DATA', 'nowhere', 'export', '--user', 'zoe'],
  ['NO_DATA', 'nowhere', 'backup', 'never.db'],
])('what cannot be done is said with a code: %s', async (says, folder, ...args) => {
  const { code, lines, stderr } = await onDataFolder(join(server.folder, folder), ...args).ended
  expect({ code, lines, says: JSON.parse(stderr).code }).toEqual({ code: 1, lines: [], says })
})

test('an export that finds no room says so, and does not end as if it were whole', { skip: !existsSync('/dev/full') }, async () => {
  await device('zoe', 'Zoë van Dijk')
  const full = openSync('/dev/full', 'w')
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const env = { ...process.env, GODWIT_DATA: data }
  const { status, stderr } = spawnSync(process.execPath, [main, 'export', '--user', 'zoe'], { env, stdio: ['ignore', full, 'pipe'] })
  closeSync(full)
  expect({ status, says: JSON.parse(String(stderr)).code }).toEqual({ status: 1, says: 'ENOSPC' })
})
