/**
 * Carries out erasures of users: account and devices first, so that nobody can act as them any more, then conversation by
 * conversation, page by page. How far it has come is stored after each page, so a crash costs a page; what is done twice changes
 * nothing.
 */
import { randomBytes } from 'node:crypto'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Chat } from '../chat/chat.ts'
import type { Accounts, Devices, Pseudonym } from '../ports/accounts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Conversations, Membership } from '../ports/conversations.ts'
import type { Erasure, ErasureProgress, Erasures } from '../ports/erasures.ts'

export interface EraserDeps {
  readonly clock: Clock
  readonly erasures: Erasures
  readonly accounts: Pick<Accounts, 'erase'>
  readonly devices: Pick<Devices, 'erase'>
  readonly conversations: Pick<Conversations, 'membershipsOf'>
  readonly chat: Pick<Chat, 'eraseFrom'>
  readonly bus: Bus
  /** Hears of an erasure that could not be ended now; the next round goes on with it. */
  readonly onError: (error: unknown) => void
}

export class Eraser {
  readonly #deps: EraserDeps
  #timer: Timer | null = null
  #running: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(deps: EraserDeps) {
    this.#deps = deps
  }

  /** Looks for work now and every `erasureIntervalMs`. */
  start(): void {
    this.#running = this.round().then(() => this.#schedule())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#running
  }

  #schedule(): void {
    if (!this.#stopped) this.#timer = this.#deps.clock.setTimer(limits.erasureIntervalMs, () => this.start())
  }

  /** Everything that is pending, one after another. Never rejects: one that fails must not stop the others. */
  async round(): Promise<void> {
    const { erasures, onError } = this.#deps
    try {
      for (const erasure of await erasures.pending()) await this.#erase(erasure).catch(onError)
    } catch (error) {
      onError(error)
    }
  }

  async #erase({ userId, ...stored }: Erasure): Promise<void> {
    await this.#close(userId)
    let progress: ErasureProgress = stored
    const rising = sorted(await this.#deps.conversations.membershipsOf(userId))
    for (const conversationId of rising.filter((id) => id >= (stored.conversationId ?? ''))) {
      const after = conversationId === stored.conversationId ? stored.seq : 0
      progress = await this.#eraseFrom(userId, conversationId, { ...progress, conversationId, seq: after })
      if (this.#stopped) return
    }
    // Conversations that began, or were joined, while the account was being closed.
    const open = (await this.#deps.conversations.membershipsOf(userId)).filter(({ intervals }) => intervals.some(({ to }) => to === null))
    for (const conversationId of sorted(open)) {
      progress = await this.#eraseFrom(userId, conversationId, { ...progress, conversationId, seq: 0 })
      if (this.#stopped) return
    }
    await this.#deps.erasures.advance(userId, { ...progress, doneAt: this.#deps.clock.now() })
  }

  /** From here on nobody is this user: no password, no token, no session. */
  async #close(userId: UserId): Promise<void> {
    const { accounts, devices, bus, clock } = this.#deps
    await accounts.erase(userId, newPseudonym(clock.now()))
    for (const deviceId of await devices.erase(userId)) bus.publish({ type: 'device-revoked', deviceId })
    bus.publish({ type: 'profile-changed', userId })
  }

  async #eraseFrom(userId: UserId, conversationId: ConversationId, begun: ErasureProgress): Promise<ErasureProgress> {
    let progress = begun
    for (let isLast = false; !isLast && !this.#stopped; ) {
      const page = await this.#deps.chat.eraseFrom(userId, conversationId, progress.seq)
      progress = { ...progress, seq: page.seq, messages: progress.messages + page.messages }
      await this.#deps.erasures.advance(userId, progress)
      isLast = page.isLast
      // Every deletion goes to every device that may see it: others must not wait behind them.
      if (page.messages > 0) await this.#rest()
    }
    return progress
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => this.#deps.clock.setTimer(limits.erasurePauseMs, resolve))
  }
}

function sorted(memberships: readonly Membership[]): readonly ConversationId[] {
  return memberships.map(({ conversationId }) => conversationId).toSorted()
}

/** Two erased users of a group can be told apart, and that is all. Random, so that nobody can have taken the name beforehand. */
function newPseudonym(at: number): Pseudonym {
  return { name: `deleted-${randomBytes(6).toString('hex')}`, displayName: 'Deleted user', at }
}
