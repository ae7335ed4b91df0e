/** What is looked at now, and what comes only to those who look: typing, presence, group receipts (L10). Nothing here is stored. */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { DownFrameOf, Presence } from '@godwit/protocol/down.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { Cell } from './live.ts'
import type { GroupReceipts } from './types.ts'
import type { World } from './world.ts'

/** Changes of what is watched gather for a moment: a switch of conversations is one frame. */
const gatherMs = 30

export class Watching {
  readonly presence = new Cell<ReadonlyMap<UserId, Presence>>(new Map())
  readonly #world: World
  /** How often each is watched; the one watched last is last. */
  readonly #watched = new Map<ConversationId, number>()
  #users: readonly UserId[] = []
  #active = true
  #cancel: (() => void) | null = null
  readonly #typists = new Map<ConversationId, { cell: Cell<readonly UserId[]>; expiries: Map<UserId, () => void> }>()
  readonly #receipts = new Map<ConversationId, Cell<GroupReceipts | null>>()
  /** Unix ms of the last typing frame sent, by conversation. */
  readonly #typed = new Map<ConversationId, number>()

  constructor(world: World) {
    this.#world = world
  }

  typists(id: ConversationId): Cell<readonly UserId[]> {
    return this.#typing(id).cell
  }

  receipts(id: ConversationId): Cell<GroupReceipts | null> {
    const cell = this.#receipts.get(id) ?? new Cell<GroupReceipts | null>(null)
    this.#receipts.set(id, cell)
    return cell
  }

  watch(id: ConversationId): () => void {
    const count = this.#watched.get(id) ?? 0
    this.#watched.delete(id)
    this.#watched.set(id, count + 1)
    this.#schedule()
    let on = true
    return () => {
      if (!on) return
      on = false
      const left = (this.#watched.get(id) ?? 1) - 1
      if (left > 0) this.#watched.set(id, left)
      else this.#watched.delete(id)
      this.#schedule()
    }
  }

  watchUsers(users: readonly UserId[]): void {
    this.#users = users.slice(0, limits.watchUsersMax)
    this.#schedule()
  }

  setActive(active: boolean): void {
    if (active === this.#active) return
    this.#active = active
    this.#world.send({ type: 'activity', active })
  }

  setTyping(conversationId: ConversationId, on: boolean): void {
    const now = this.#world.clock.now()
    const last = this.#typed.get(conversationId)
    if (on) {
      if (last !== undefined && now - last < limits.typingIntervalMs && now >= last) return
      if (this.#world.send({ type: 'typing', conversationId, on })) this.#typed.set(conversationId, now)
    } else if (last !== undefined) {
      this.#typed.delete(conversationId)
      this.#world.send({ type: 'typing', conversationId, on })
    }
  }

  /** Sent: the composer is empty, and the server knows by the message. */
  typingEnded(conversationId: ConversationId): void {
    this.#typed.delete(conversationId)
  }

  online(): void {
    if (!this.#active) this.#world.send({ type: 'activity', active: false })
    if (this.#watched.size > 0 || this.#users.length > 0) this.#send()
  }

  offline(): void {
    for (const id of this.#typists.keys()) for (const userId of this.#typing(id).cell.get()) this.#stopped(id, userId)
    this.#typed.clear()
    this.presence.set(new Map())
  }

  heardTyping({ conversationId, userId, on }: DownFrameOf<'typing'>): void {
    if (userId === this.#world.me()) return
    if (!on) {
      this.#stopped(conversationId, userId)
      return
    }
    const { cell, expiries } = this.#typing(conversationId)
    expiries.get(userId)?.()
    expiries.set(
      userId,
      this.#world.clock.setTimer(limits.typingLifetimeMs, () => this.#stopped(conversationId, userId)),
    )
    if (!cell.get().includes(userId)) this.#setTypists(conversationId, [...cell.get(), userId])
  }

  /** A message of theirs is in: they are not typing it any more. */
  stopped(conversationId: ConversationId, userId: UserId): void {
    if (this.#typists.get(conversationId)?.expiries.has(userId)) this.#stopped(conversationId, userId)
  }

  heardPresence({ users }: DownFrameOf<'presence'>): void {
    const presence = new Map(this.presence.get())
    for (const one of users) presence.set(one.userId, one)
    this.presence.set(presence)
    this.#world.emitter.emit({ type: 'presence', users })
  }

  heardReceipts({ conversationId, members, delivered, read }: DownFrameOf<'receipts'>): void {
    const receipts: GroupReceipts = { members, delivered, read }
    this.receipts(conversationId).set(receipts)
    this.#world.emitter.emit({ type: 'receipts', conversationId, receipts })
  }

  #typing(id: ConversationId) {
    const typing = this.#typists.get(id) ?? { cell: new Cell<readonly UserId[]>([]), expiries: new Map<UserId, () => void>() }
    this.#typists.set(id, typing)
    return typing
  }

  #stopped(id: ConversationId, userId: UserId): void {
    const { cell, expiries } = this.#typing(id)
    expiries.get(userId)?.()
    expiries.delete(userId)
    if (cell.get().includes(userId))
      this.#setTypists(
        id,
        cell.get().filter((one) => one !== userId),
      )
  }

  #setTypists(conversationId: ConversationId, userIds: readonly UserId[]): void {
    this.#typing(conversationId).cell.set(userIds)
    this.#world.emitter.emit({ type: 'typing', conversationId, userIds })
  }

  #speakers(id: ConversationId): readonly UserId[] {
    return this.#world.states.get(id)?.log.tail.map(({ entry }) => entry.senderId) ?? []
  }

  #schedule(): void {
    this.#cancel ??= this.#world.clock.setTimer(gatherMs, () => {
      this.#cancel = null
      this.#send()
    })
  }

  #send(): void {
    const conversations = [...this.#watched.keys()].slice(-limits.watchConversationsMax)
    const isLive = this.#world.send({ type: 'watch', conversations, ...(this.#users.length > 0 ? { users: [...this.#users] } : {}) })
    if (isLive) this.#world.profiles.look([...this.#users, ...conversations.flatMap((id) => this.#speakers(id))])
  }
}
