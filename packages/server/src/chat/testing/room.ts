/** A whole chat in memory, with people in it, for tests. */

import { manualClock } from '@godwit/backend-memory/clock.ts'
import { emptyDisk } from '@godwit/backend-memory/disk.ts'
import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { Entry, HistorySetting } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { AppendFrame } from '@godwit/protocol/up.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Announcement, Delivery, Run } from '../../ports/delivery.ts'
import type { Inbox } from '../../ports/inbox.ts'
import type { MessageLog } from '../../ports/message-log.ts'
import type { Chat, GroupChange, Sender } from '../chat.ts'
import { createChat } from '../create-chat.ts'

export interface Announced extends Announcement {
  readonly recipients: ReadonlySet<UserId>
}

/** Keeps what is pushed to live sessions. */
export class Pushed implements Delivery {
  readonly announced: Announced[] = []
  readonly toUsers: { readonly userId: UserId; readonly frame: DownFrame }[] = []
  readonly toWatching: DownFrame[] = []
  readonly watched = new Set<ConversationId>()

  entries(run: Run, recipients: Iterable<UserId>): void {
    const to = new Set(recipients)
    for (const one of run) this.announced.push({ ...one, recipients: to })
  }
  toUser(userId: UserId, frame: DownFrame): void {
    this.toUsers.push({ userId, frame })
  }
  toWatchers(_conversationId: ConversationId, frame: DownFrame): void {
    this.toWatching.push(frame)
  }
  isWatched(conversationId: ConversationId): boolean {
    return this.watched.has(conversationId)
  }
}

export interface RoomOptions {
  readonly seed?: number
  readonly log?: (inner: MessageLog) => MessageLog
  readonly conversations?: (inner: Conversations) => Conversations
  readonly inbox?: (inner: Inbox) => Inbox
}

type Text = string | Omit<AppendFrame & { type: 'message' }, 'type' | 'to' | 'clientMsgId'>

export async function openRoom(options: RoomOptions = {}) {
  const clock = manualClock(Date.UTC(2025, 4, 11, 6, 30), options.seed ?? 1)
  const disk = emptyDisk()
  const backend = openMemory(disk, clock)
  const errors: unknown[] = []
  let workers = 0
  let ids = 0

  /** One more process over the same disk. */
  async function openNode(wrapped: RoomOptions = options) {
    const pushed = new Pushed()
    const { messageLog, conversations, inbox } = openMemory(disk, clock)
    const chat = await createChat({
      ...backend,
      log: wrapped.log ? wrapped.log(messageLog) : messageLog,
      conversations: wrapped.conversations ? wrapped.conversations(conversations) : conversations,
      inbox: wrapped.inbox ? wrapped.inbox(inbox) : inbox,
      delivery: pushed,
      worker: workers++,
      onError: (error) => errors.push(error),
    })
    return { chat, pushed }
  }

  const { chat, pushed } = await openNode()

  /** Runs time on until `promise` is settled. */
  async function done<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const end = () => {
      settled = true
    }
    promise.then(end, end)
    for (let turn = 0; !settled; turn++) {
      if (turn > 50_000) throw new Error('nothing settles any more')
      await turnOfTheLoop()
      if (!settled) clock.advance(100)
    }
    return promise
  }

  async function person(name: string, deviceId: `d_${string}` = `d_${name}`): Promise<Sender> {
    const userId: UserId = `u_${name}`
    const account = { userId, name, displayName: name, passwordHash: null, subject: null, readReceipts: true, showLastSeen: true }
    await backend.accounts.create({ ...account, createdAt: clock.now() })
    return { userId, deviceId, sessionId: `s_${deviceId}` }
  }

  const newId = () => `id-${ids++}`

  return {
    backend,
    disk,
    clock,
    errors,
    chat,
    pushed,
    openNode,
    done,
    person,
    newId,
    /** Lets what nobody waits for happen: fan-out, flushes, aggregates. */
    async rest(ms = 2_000): Promise<void> {
      for (let passed = 0; passed <= ms; passed += 100) {
        await turnOfTheLoop()
        clock.advance(100)
      }
      await turnOfTheLoop()
    },
    async say(who: Sender, to: ConversationId, what: Text, on: Chat = chat) {
      const parts = typeof what === 'string' ? { text: what } : what
      return done(on.send(who, { type: 'message', to, clientMsgId: newId(), ...parts }))
    },
    async amend(who: Sender, to: ConversationId, what: Amendment, on: Chat = chat) {
      return done(on.send(who, { to, clientMsgId: newId(), ...what } as AppendFrame))
    },
    async direct(one: Sender, other: Sender): Promise<ConversationId> {
      return (await done(chat.openDirect(one, other.userId))).conversation.conversationId
    },
    async group(owner: Sender, others: readonly Sender[], history: HistorySetting = 'joined', name = 'Wad & Watt 🦀') {
      const members = others.map(({ userId }) => userId)
      const made = await done(chat.createGroup(owner, { clientMsgId: newId(), name, members, history }))
      return made.conversation.conversationId
    },
    async change(who: Sender, to: ConversationId, change: GroupChange, on: Chat = chat) {
      return done(on.changeGroup(who, to, newId(), change))
    },
    log: (to: ConversationId): readonly Entry[] => disk.logs.get(to)?.entries ?? [],
  }
}

export type Room = Awaited<ReturnType<typeof openRoom>>

type Amendment =
  | { readonly type: 'edit'; readonly target: number; readonly text: string }
  | { readonly type: 'delete'; readonly target: number }
  | { readonly type: 'reaction'; readonly target: number; readonly emoji: string; readonly on: boolean }

export const turnOfTheLoop = () => new Promise<void>((resolve) => setImmediate(resolve))
