import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClient, register } from './client.ts'
import { RealServer } from './testing/server-node.ts'
import type { Client, Session } from './types.ts'

const talker = fileURLToPath(new URL('./testing/talker-node.ts', import.meta.url))
const password = 'Schlickwatt um 6:10'

let server: RealServer
let clients: Client[]

beforeEach(async () => {
  server = new RealServer()
  clients = []
  await server.start()
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await server.end()
})

interface Line {
  readonly entry?: number
  readonly stored?: string
  readonly done?: boolean
}

/** One life of the talking process; `line` may end it. */
async function live(args: readonly string[], line: (line: Line, child: ChildProcess) => void): Promise<Line[]> {
  const child = spawn(process.execPath, [talker, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Line[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (text) => {
    const said = JSON.parse(text) as Line
    lines.push(said)
    line(said, child)
  })
  await once(child, 'close')
  return lines
}

async function pair(): Promise<{ amina: Session; bjorn: Client; talk: ConversationId }> {
  const { url } = server
  const amina = await register({ url, name: 'amina', password, displayName: 'Amina' })
  const bjorn = createClient({ url, session: await register({ url, name: 'bjorn', password }), since: 'start' })
  clients.push(bjorn)
  await bjorn.connect()
  const { id } = await bjorn.openDirect(amina.userId)
  return { amina, bjorn, talk: id }
}

/** Client ids of all messages in the log, `ids` among them. */
async function received(client: Client, id: ConversationId, ids: readonly string[]): Promise<string[]> {
  const all: string[] = []
  for (let after = 0; ; ) {
    const page = await client.conversation(id).history({ after, limit: 200 })
    all.push(...page.entries.filter(({ kind }) => kind === 'message').map(({ clientMsgId }) => clientMsgId))
    after = page.entries.at(-1)?.seq ?? after
    if (!page.more.after) break
  }
  expect(all).toEqual(expect.arrayContaining([...ids]))
  return all
}

describe('killed in the middle of a send', () => {
  it('[L3][L5] the client: what was stored is in the log once and in order; no entry is skipped', async () => {
    const { amina, bjorn, talk } = await pair()
    const store = join(server.folder, 'amina.store')
    const stored: string[] = []
    let reached = 0
    for (const [life, killAt] of [3, 25, 40, 11, 30].entries()) {
      // Some lives end while they store, some while they send and hear.
      let left = killAt
      const lines = await live([server.url, JSON.stringify(amina), store, talk, '20', `${life}`], (_line, child) => {
        if (--left === 0) child.kill('SIGKILL')
      })
      stored.push(...lines.flatMap((line) => line.stored ?? []))
      const seqs = lines.flatMap((line) => line.entry ?? [])
      if (seqs.length === 0) continue
      const from = seqs[0] ?? 0
      expect(from).toBeLessThanOrEqual(reached + 1)
      expect(seqs).toEqual(seqs.map((_, i) => from + i))
      reached = Math.max(reached, seqs.at(-1) ?? 0)
    }
    const last = await live([server.url, JSON.stringify(amina), store, talk, '0', 'last'], () => {})
    expect(last.at(-1)).toEqual({ done: true })
    const all = await received(bjorn, talk, stored)
    expect(new Set(all).size).toBe(all.length)
    expect(all.filter((id) => stored.includes(id))).toEqual(stored)
  })

  it('[L4] the server: every send is acked in the end, is in the log once, and the order holds', async () => {
    const { bjorn, talk } = await pair()
    const entries: number[] = []
    bjorn.on('entry', ({ entry }) => entries.push(entry.seq))
    const sendings = []
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 60; i++) sendings.push(bjorn.conversation(talk).send({ text: `سجل ${round}-${i}` }))
      await new Promise((resolve) => bjorn.on('outbox', ({ change }) => change === 'acked' && resolve(null)))
      await server.kill()
      await server.start()
      bjorn.wake()
    }
    const acked = await Promise.all(sendings.map(({ acked }) => acked))
    const seqs = acked.map(({ seq }) => seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    const all = await received(
      bjorn,
      talk,
      sendings.map(({ clientMsgId }) => clientMsgId),
    )
    expect(all).toHaveLength(sendings.length)
    expect(entries).toEqual(entries.map((_, i) => (entries[0] ?? 0) + i))
    expect(entries.at(-1)).toBe(seqs.at(-1))
  })
})
