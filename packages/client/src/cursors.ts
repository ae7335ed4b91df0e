/**
 * How far this device has received and this user has read (L8). Cursors gather for a moment, so that a burst of entries is one
 * frame. Both are kept in the store until the server has them; reading rides in the next resume.
 */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { keys } from './cache.ts'
import type { ConversationState } from './conversation-state.ts'
import type { World } from './world.ts'

export type StoredCursors = readonly (readonly [ConversationId, number])[]

export class Cursors {
  readonly #world: World
  /** What the server may lack. */
  readonly #delivered = new Map<ConversationId, number>()
  readonly #reads = new Map<ConversationId, number>()
  /** What was sent on this connection. */
  readonly #sent = { read: new Map<ConversationId, number>(), delivered: new Map<ConversationId, number>() }
  /** What had been sent when the last heartbeat was answered. */
  #sentBefore: ReadonlyMap<ConversationId, number> = new Map()
  #flushing: { readonly at: number; readonly cancel: () => void } | null = null
  #inResume: { conversationId: ConversationId; seq: number }[] = []
  #online = false

  constructor(world: World) {
    this.#world = world
  }

  restore(reads: StoredCursors, delivered: StoredCursors): void {
    for (const [id, seq] of reads) this.#reads.set(id, seq)
    for (const [id, seq] of delivered) this.#delivered.set(id, seq)
  }

  /** For the resume that leaves now. What is read until its answer comes is not in it, and follows then. */
  readsForResume(): { conversationId: ConversationId; seq: number }[] {
    const reads = [...this.#reads].slice(0, limits.resumeReadsMax).map(([conversationId, seq]) => ({ conversationId, seq }))
    this.#inResume = reads
    return reads
  }

  /** Reading this device knows of and the server perhaps not. */
  pendingRead(id: ConversationId): number {
    return this.#reads.get(id) ?? 0
  }

  online(): void {
    this.#online = true
    for (const { conversationId, seq } of this.#inResume) this.#sent.read.set(conversationId, seq)
    this.#inResume = []
    this.#schedule()
  }

  offline(): void {
    this.#online = false
    this.#sent.read.clear()
    this.#sent.delivered.clear()
    this.#sentBefore = new Map()
    this.#flushing?.cancel()
    this.#flushing = null
  }

  forget(): void {
    this.#delivered.clear()
    this.#reads.clear()
    this.#sent.read.clear()
    this.#sent.delivered.clear()
  }

  delivered({ id, log: { to }, facts: { kind } }: ConversationState): void {
    if ((this.#delivered.get(id) ?? this.#sent.delivered.get(id) ?? 0) >= to) return
    this.#delivered.set(id, to)
    this.#keepDelivered(id)
    this.#schedule(kind === 'group' ? limits.groupDeliveredIntervalMs : limits.cursorFlushIntervalMs)
  }

  /**
   * A heartbeat was answered. Nothing answers `delivered`; but what was sent before the last answer came before this ping, and a
   * heartbeat ago: the server has stored it, or this connection would be gone.
   */
  heartbeat(): void {
    for (const [id, seq] of this.#sentBefore) {
      if (this.#delivered.get(id) !== seq) continue
      this.#delivered.delete(id)
      this.#keepDelivered(id)
    }
    this.#sentBefore = new Map([...this.#delivered].filter(([id, seq]) => this.#sent.delivered.get(id) === seq))
    // What the server could not store when it was sent goes out again.
    this.#schedule()
  }

  /** The server could not store a cursor of this conversation: what was sent of it counts as not sent. */
  refused(id: ConversationId): void {
    for (const sent of [this.#sent.read, this.#sent.delivered]) sent.delete(id)
    this.#sentBefore = new Map([...this.#sentBefore].filter(([one]) => one !== id))
  }

  read(id: ConversationId, seq: number): void {
    if ((this.#reads.get(id) ?? 0) >= seq) return
    this.#reads.set(id, seq)
    this.#world.cache.own(keys.read + id, () => this.#reads.get(id))
    this.#schedule()
  }

  /** The server's cursor, from any device. Answers whether reading leaves the store with it: then the stored row has to have it. */
  confirmed(id: ConversationId, read: number): boolean {
    const pending = this.#reads.get(id)
    if (pending === undefined || pending > read) return false
    this.#reads.delete(id)
    this.#world.cache.own(keys.read + id, () => this.#reads.get(id))
    return true
  }

  #keepDelivered(id: ConversationId): void {
    this.#world.cache.share(keys.delivered + id, () => this.#delivered.get(id))
  }

  /** All of them go out with the one that is due first. */
  #schedule(ms: number = limits.cursorFlushIntervalMs): void {
    const { clock } = this.#world
    const at = clock.now() + ms
    if (!this.#online || (this.#flushing && this.#flushing.at <= at)) return
    this.#flushing?.cancel()
    const cancel = clock.setTimer(ms, () => {
      this.#flushing = null
      this.#flush()
    })
    this.#flushing = { at, cancel }
  }

  #flush(): void {
    let frames = 0
    for (const [status, cursors] of [
      ['read', this.#reads],
      ['delivered', this.#delivered],
    ] as const)
      for (const [conversationId, seq] of cursors) {
        if ((this.#sent[status].get(conversationId) ?? 0) >= seq) continue
        if (frames++ >= limits.clientCursorsAtOnceMax) {
          this.#schedule()
          return
        }
        if (!this.#world.send({ type: 'ack', conversationId, seq, status })) return
        this.#sent[status].set(conversationId, seq)
      }
  }
}
