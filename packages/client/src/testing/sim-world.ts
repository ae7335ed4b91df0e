/** A server, a net and clients in virtual time, and the checks that every run has to pass. */
import type { Entry, FoldedEntry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { expect } from 'vitest'
import { type ClientOptions, createClient } from '../client.ts'
import type { Clock } from '../clock.ts'
import type { Tabs } from '../tabs.ts'
import type { Client } from '../types.ts'
import { SimClock } from './sim-clock.ts'
import { SimNet, tokensOf } from './sim-net.ts'
import { SimServer } from './sim-server.ts'
import { SimDisk, SimStore } from './sim-store.ts'

export const amina: UserId = 'u_amina'
export const bjorn: UserId = 'u_bjorn'
export const chen: UserId = 'u_chen'
export const talk: ConversationId = 'c_00amina-bjorn'
export const crew: ConversationId = 'c_00survey-crew'

/** What people write. */
export const lines = [
  'Are the godwits back on the mudflats? 🐦',
  '昨天数到了两百只，今天更多。',
  'شكرًا، سأكون هناك قبل المد',
  'const tide = await nextHigh("Heist", { tz: "Europe/Brussels" })',
  'ok 👍🏽 see you at 6:40, bring the scope',
  'Ringed bird: left leg 🟡🔴, right leg 🔵 — who has the code list?',
]

/** One life of a device: from its start to its close or crash. */
export interface Life {
  readonly client: Client
  readonly store: SimStore
  readonly reported: Map<ConversationId, { entry: FoldedEntry; asOf: number }[]>
  readonly errors: string[]
  /** The process is gone: nothing of it happens any more. */
  crash(): void
}

export class SimWorld {
  readonly clock: SimClock
  readonly server: SimServer
  readonly net: SimNet

  constructor(seed: number) {
    this.clock = new SimClock(seed)
    this.server = new SimServer(this.clock)
    this.net = new SimNet(this.clock, this.server)
    this.server.create(talk, 'direct', [amina, bjorn])
    this.server.create(crew, 'group', [amina, bjorn, chen], 'Wader survey 2026')
  }

  say(id: ConversationId, by: UserId, text = this.clock.pick(lines)): Entry {
    return this.server.append(id, by, `peer-${this.clock.randomBytes(8).join('')}`, { kind: 'message', text })
  }

  live(userId: UserId, disk = new SimDisk(), options: Partial<ClientOptions> = {}, tabs?: Tabs): Life {
    let dead = false
    const { clock, net } = this
    const own: Clock = {
      now: clock.now,
      random: clock.random,
      randomBytes: clock.randomBytes,
      setTimer: (ms, run) => clock.setTimer(ms, () => dead || run()),
    }
    const store = new SimStore(disk, clock, tabs)
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await net.fetch(input, init).catch((error: unknown) => {
        if (dead) return new Promise<Response>(() => {})
        throw error
      })
      return dead ? new Promise<Response>(() => {}) : response
    }
    const sockets: WebSocket[] = []
    const Socket = net.WebSocket
    class OwnSocket extends (Socket as unknown as new () => WebSocket) {
      constructor() {
        super()
        sockets.push(this)
      }
    }
    const client = createClient({
      url: 'http://sim',
      session: tokensOf(userId, 1, clock.now()),
      since: 'start',
      store,
      clock: own,
      fetch,
      WebSocket: OwnSocket as unknown as typeof WebSocket,
      ...options,
    })
    const life: Life = {
      client,
      store,
      reported: new Map(),
      errors: [],
      crash: () => {
        dead = true
        store.dead = true
        for (const socket of sockets) {
          socket.onmessage = socket.onclose = socket.onopen = null
          socket.close()
        }
      },
    }
    client.on('entry', ({ conversationId, entry, asOf }) => {
      const reported = life.reported.get(conversationId) ?? []
      life.reported.set(conversationId, reported)
      reported.push({ entry, asOf })
    })
    client.on('error', ({ error }) => life.errors.push(error.message))
    return life
  }

  /** Each entry once, in order, with the content that the log has. */
  expectComplete(life: Life, userId: UserId, ids: readonly ConversationId[] = [talk, crew]): void {
    for (const id of ids) {
      const reported = life.reported.get(id) ?? []
      expect(reported.map(({ entry }) => entry.seq)).toEqual(this.server.entitled(id, userId).map(({ seq }) => seq))
      for (const { entry } of reported) {
        const { senderId, clientMsgId, messageId, count, membershipSeq, at } = this.server.conversation(id).log[entry.seq - 1] as Entry
        expect(entry).toMatchObject({ senderId, clientMsgId, messageId, count, membershipSeq, at })
      }
    }
  }

  /** Row, unread figures and the end of the timeline say what the server says. */
  expectSame(life: Life, userId: UserId, ids: readonly ConversationId[] = [talk, crew]): void {
    for (const id of ids) {
      const { head, read, unread, mentions, lastActivityAt, name, role, memberCount, flags, peer } = this.server.summary(id, userId)
      expect(life.client.conversation(id).row.get()).toMatchObject({
        head,
        read,
        unread,
        mentions,
        lastActivityAt,
        name,
        role,
        memberCount,
        flags,
        peer,
      })
      const { items } = life.client.conversation(id).timeline.get()
      for (const { seq, content, edited, deleted, reactions } of items) {
        const entry = this.server.folded(id, this.server.conversation(id).log[(seq ?? 0) - 1] as Entry)
        expect({ seq, edited, deleted: deleted !== null, reactions: sorted(reactions) }).toEqual({
          seq: entry.seq,
          edited: entry.edited !== undefined,
          deleted: entry.deleted !== undefined,
          reactions: sorted(entry.reactions ?? []),
        })
        if (entry.kind === 'message') expect(content).toMatchObject({ kind: 'message', text: entry.text })
      }
    }
  }

  /** A client message id is at most once in a log (L3). */
  expectNoDoubles(): void {
    for (const { log } of this.server.conversations.values()) {
      const ids = log.map(({ senderId, clientMsgId }) => `${senderId} ${clientMsgId}`)
      expect(new Set(ids).size).toBe(ids.length)
    }
  }
}

function sorted(reactions: FoldedEntry['reactions'] = []) {
  return reactions.map(({ emoji, by }) => `${emoji} ${by.map(({ userId }) => userId).sort()}`).sort()
}
