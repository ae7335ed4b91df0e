/** Does what the plan says, with what the device has at that moment: picks the conversation, the target and the words. */
import type { ConversationRow } from '@godwit/client'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { type Action, conversationWeight } from '../world/mix.ts'
import { groupNames, reactionEmoji } from '../world/phrases.ts'
import type { Random } from '../world/random.ts'
import type { Talk } from '../world/talk.ts'
import type { Device } from './device.ts'
import type { Counters } from './recorder.ts'

export interface ActorOptions {
  readonly random: Random
  readonly talk: Talk
  readonly counters: Counters
  readonly userIds: readonly UserId[]
  /** Unsent commands that one device may have: a person stops typing when nothing goes out. */
  readonly pendingMax: number
}

const awayMs = [1_000, 15_000] as const

export class Actor {
  readonly #o: ActorOptions
  /** Who has left which group, to be added again. */
  readonly #left: { readonly conv: ConversationId; readonly user: UserId }[] = []

  constructor(options: ActorOptions) {
    this.#o = options
  }

  /** Answers whether something was done: a device may have nothing to edit. */
  act(device: Device, action: Action): boolean {
    // An application that is about to end takes nothing any more: its store is what the next one starts on.
    if (device.isRestarting) return false
    switch (action) {
      case 'message':
      case 'edit':
      case 'delete':
      case 'reaction':
        return device.pending < this.#o.pendingMax && this.#say(device, action)
      case 'read': {
        const row = this.#row(device)
        if (row) device.markRead(row.conversationId)
        return row !== null
      }
      case 'direct':
        void this.#open(device, this.#o.random.pick(this.#o.userIds))
        return true
      case 'away':
        void this.#away(device)
        return true
      case 'restart':
        if (device.isAway) return false
        this.#o.counters.add('started')
        this.#o.counters.add('restarts')
        void device.restart()
        return true
      default:
        return this.#manage(device, action)
    }
  }

  #say(device: Device, kind: 'message' | 'edit' | 'delete' | 'reaction'): boolean {
    const { random, talk } = this.#o
    const row = this.#row(device)
    if (!row) return false
    const conv = row.conversationId
    const held = device.held.get(conv)
    switch (kind) {
      case 'message': {
        const replyTo = random.next() < 0.1 ? this.#one(held?.recentMessages(20)) : undefined
        const mentions = row.kind === 'group' && random.next() < 0.1 ? [random.pick(this.#o.userIds)] : undefined
        device.send(conv, { kind, text: talk.message(), ...(replyTo ? { replyTo } : {}), ...(mentions ? { mentions } : {}) })
        return true
      }
      case 'edit':
      case 'delete': {
        const target = this.#one(device.mine.get(conv))
        if (!target) return false
        if (kind === 'delete')
          device.mine.set(
            conv,
            (device.mine.get(conv) ?? []).filter((seq) => seq !== target),
          )
        device.send(conv, kind === 'edit' ? { kind, target, text: talk.correction() } : { kind, target })
        return true
      }
      case 'reaction': {
        const target = this.#one(held?.recentMessages(10))
        if (!target) return false
        device.send(conv, { kind, target, emoji: random.pick(reactionEmoji), on: random.next() < 0.85 })
        return true
      }
    }
  }

  #manage(device: Device, action: 'join' | 'leave' | 'remove' | 'rename' | 'role'): boolean {
    const { random } = this.#o
    const isAdmin = (row: ConversationRow) => row.role === 'owner' || row.role === 'admin'
    const groups = device.client.conversations.get().filter((row) => row.kind === 'group' && row.role !== null)
    const candidates = groups.filter((row) =>
      action === 'leave' ? row.role === 'member' : action === 'role' ? row.role === 'owner' : isAdmin(row),
    )
    if (candidates.length === 0) return false
    const { conversationId: conv } = random.pick(candidates)
    const conversation = device.client.conversation(conv)
    const someone = random.pick(this.#o.userIds)
    switch (action) {
      case 'join': {
        const again = this.#left.findIndex((gone) => gone.conv === conv)
        const [{ user } = { user: someone }] = again >= 0 ? this.#left.splice(again, 1) : []
        void device.change(conv, 'added', user, () => conversation.addMembers([user]))
        return true
      }
      case 'leave':
        this.#left.push({ conv, user: device.userId })
        void device.change(conv, 'removed', device.userId, () => conversation.leave())
        return true
      case 'remove':
        if (someone === device.userId) return false
        this.#left.push({ conv, user: someone })
        void device.change(conv, 'removed', someone, () => conversation.removeMember(someone))
        return true
      case 'rename': {
        const name = `${random.pick(groupNames)} ${random.int(1, 99)}`
        void device.change(conv, 'renamed', name, () => conversation.rename(name))
        return true
      }
      case 'role': {
        const role = random.next() < 0.7 ? 'admin' : 'member'
        void device.change(conv, 'role', someone, () => conversation.setRole(someone, role))
        return true
      }
    }
  }

  async #open(device: Device, other: UserId): Promise<void> {
    if (other === device.userId) return
    this.#o.counters.add('started')
    this.#o.counters.add('opened')
    try {
      const { id } = await device.client.openDirect(other)
      device.send(id, { kind: 'message', text: this.#o.talk.message() })
    } catch {
      // The link was cut for good, as when the device goes away: nobody waits for it.
    }
  }

  async #away(device: Device): Promise<void> {
    if (device.isAway) return
    this.#o.counters.add('started')
    this.#o.counters.add('away')
    await device.disconnect()
    setTimeout(() => device.isAway && device.connect(), this.#o.random.int(...awayMs))
  }

  #row(device: Device): ConversationRow | null {
    const rows = device.client.conversations.get().filter((row) => row.role !== null)
    if (rows.length === 0) return null
    return this.#o.random.weighted(rows.map((row) => [conversationWeight(row.kind, row.memberCount), row] as const))
  }

  #one(seqs: readonly number[] | undefined): number | null {
    return seqs && seqs.length > 0 ? this.#o.random.pick(seqs) : null
  }
}
