import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient, register } from '@godwit/client'
import { fileStore } from '@godwit/client/node'
import { RealServer } from '@godwit/client/testing/server-node.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { onDataFolder } from './testing/on-data-folder.ts'

const password = 'Prärie-Läufer 鷸 7'

/** Several processes start one after another. */
const timeout = 180_000

let server: RealServer
const open = new Map<string, { readonly client: Client; readonly store: Awaited<ReturnType<typeof fileStore>> }>()

beforeEach(async () => {
  server = new RealServer()
  await server.start()
})

afterEach(async () => {
  for (const name of [...open.keys()]) await shut(name)
  await server.end()
})

/** Runs a command on the data folder of the server; answers its line. */
async function godwit(...args: string[]): Promise<Record<string, unknown>> {
  const { lines, stderr } = await onDataFolder(join(server.folder, 'data'), ...args).ended
  if (!lines[0]) throw new Error(stderr)
  return lines[0]
}

async function device(name: string): Promise<Client> {
  const { url } = server
  const session = await register({ url, name, password })
  return reopen(name, session)
}

/** The device of that name, with what its store holds. */
async function reopen(name: string, session?: Awaited<ReturnType<typeof register>>): Promise<Client> {
  const store = await fileStore(join(server.folder, `${name}.store`))
  const client = createClient({ url: server.url, store, since: 'start', ...(session && { session }) })
  open.set(name, { client, store })
  await client.connect()
  return client
}

async function shut(name: string): Promise<void> {
  const device = open.get(name)
  open.delete(name)
  await device?.client.close()
  await device?.store.close()
}

/** The next refresh token of a device that was stored as used: as time would have it. */
async function expireAccess(name: string): Promise<void> {
  const store = await fileStore(join(server.folder, `${name}.store`))
  const session = (await store.get('session')) as object
  await store.write([['session', { ...session, accessTokenExpiresAt: 0 }]], true)
  await store.close()
}

async function texts(client: Client, id: ConversationId): Promise<string[]> {
  const { entries } = await client.conversation(id).history({ after: 0, limit: 200 })
  return entries.flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []))
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; !(await isTrue()); attempt++) {
    if (attempt === 600) throw new Error('it does not come')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** What a device shows of a conversation: its cached end, live. */
const shown = (client: Client, id: ConversationId) =>
  client
    .conversation(id)
    .timeline.get()
    .items.flatMap(({ content }) => (content.kind === 'message' ? [content.text] : []))

const online = (client: Client) => {
  const state = client.connection.get()
  return state.status === 'online' && !state.syncing
}

test('[L7] after a restore devices start over: what the backup holds is there, what was unsent arrives once, and the talk goes on', {
  timeout,
}, async () => {
  const [ada, grace] = [await device('ada'), await device('grace')]
  const { id: talk } = await ada.openDirect(grace.userId as `u_${string}`)
  await until(() => grace.conversation(talk).row.get() !== null)
  const resets = new Map([ada, grace].map((client) => [client, 0]))
  const reported: number[] = []
  for (const client of [ada, grace]) {
    client.conversation(talk).timeline.subscribe(() => {})
    client.on('reset', () => {
      resets.set(client, (resets.get(client) ?? 0) + 1)
      if (client === grace) reported.length = 0
    })
  }
  grace.on('entry', ({ conversationId, entry }) => conversationId === talk && reported.push(entry.seq))
  const say = (client: Client, text: string) => client.conversation(talk).send({ text }).acked

  const kept = ['Is this the moth?', '本物の虫です 🐛', 'كم وجدت؟', 'One. Taped into the log, 15:45']
  for (const [i, text] of kept.entries()) await say(i % 2 ? grace : ada, text)
  const backup = join(server.folder, 'backups')
  mkdirSync(backup)
  const { file, messages } = await godwit('backup', backup)
  expect(messages).toBe(kept.length)
  expect(readdirSync(backup)).toHaveLength(1)

  // Behind the backup: acknowledged, read, edited, a new group, and a device that renews its tokens.
  for (const text of ['lost 1', 'lost 2', 'lost 3']) await say(ada, text)
  await ada.conversation(talk).edit(2, 'an edit that will be lost').acked
  const group = await grace.createGroup({ name: 'Relay 70, Panel F', members: [ada.userId as `u_${string}`] })
  await until(() => shown(grace, talk).includes('lost 3'))
  grace.conversation(talk).markRead(reported.at(-1) ?? 0)
  await shut('ada')
  await expireAccess('ada')
  const again = await reopen('ada')
  await again.me()
  await shut('ada')

  await server.kill()
  // In the dark: unsent, on a device that runs and on one that is closed.
  const unsent = grace.conversation(talk).send({ text: 'written while the server was down' })
  const taken = grace.conversation(talk).react(2, '🐛', true)
  const refusal = taken.acked.catch(({ code }) => code)
  await unsent.stored
  renameSync(join(server.folder, 'data'), join(server.folder, 'broken'))
  expect(await godwit('restore', String(file))).toMatchObject({ messages: kept.length, users: 2, conversations: 1 })
  await server.start()
  await expireAccess('ada')
  const back = await reopen('ada')
  back.conversation(talk).timeline.subscribe(() => {})
  grace.wake()

  await unsent.acked
  expect(await refusal).toBe('NOT_FOUND')
  await until(() => online(grace) && online(back))
  const whole = [...kept, 'written while the server was down']
  for (const client of [grace, back]) {
    expect(await texts(client, talk)).toEqual(whole)
    await until(() => shown(client, talk).length === whole.length)
    expect(shown(client, talk)).toEqual(whole)
    expect(client.conversations.get().map(({ conversationId }) => conversationId)).toEqual([talk])
  }
  expect(resets.get(grace)).toBe(1)
  expect(group.row.get()).toBeNull()
  // Reading beyond the restored head is forgotten too, so what comes now is unread.
  for (const text of ['new 1', 'new 2']) await say(back, text)
  await until(() => shown(grace, talk).includes('new 2'))
  expect(grace.conversation(talk).row.get()).toMatchObject({ unread: 2 + kept.length / 2, head: whole.length + 3 })
  expect(reported).toEqual(Array.from({ length: whole.length + 3 }, (_, i) => i + 1))
  await say(grace, 'and back')
  await until(() => shown(back, talk).includes('and back'))
})

test('[L7] tail goes on behind the restored head, though it has printed beyond it', { timeout }, async () => {
  const [ada, grace] = [await device('ada'), await device('grace')]
  const talk = await ada.openDirect(grace.userId as `u_${string}`)
  const say = (text: string) => talk.send({ text }).acked
  await say('kept')
  const backup = join(server.folder, 'one.db')
  await godwit('backup', backup)
  for (const text of ['lost 1', 'lost 2']) await say(text)

  const login = ['--server', server.url, '--user', 'grace', '--password', password]
  const tail = onDataFolder(server.folder, 'tail', ...login, '--since-start', '--max', '6')
  await new Promise<void>((resolve) => tail.child.stdout?.on('data', (data) => String(data).includes('lost 2') && resolve()))
  await server.kill()
  renameSync(join(server.folder, 'data'), join(server.folder, 'broken'))
  await godwit('restore', backup)
  await server.start()
  ada.wake()
  await until(() => online(ada))
  for (const text of ['new 1', 'new 2']) await say(text)
  const { lines } = await tail.ended
  expect(lines.map(({ seq, text }) => [seq, text])).toEqual([
    [1, null],
    [2, 'kept'],
    [3, 'lost 1'],
    [4, 'lost 2'],
    [3, 'new 1'],
    [4, 'new 2'],
  ])
})
