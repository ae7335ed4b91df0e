/**
 * "Delivered to 47 of 100, read by 12": aggregates of a group's cursors, only for those who look, at most one per conversation
 * and `receiptIntervalMs` (L10).
 */
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { Delivery } from '../ports/delivery.ts'
import type { MessageLog } from '../ports/message-log.ts'
import type { Roster } from './roster.ts'
import { loadStanding } from './standing.ts'

export interface GroupReceiptDeps {
  readonly clock: Clock
  readonly log: MessageLog
  readonly conversations: Conversations
  readonly cursors: Cursors
  readonly delivery: Delivery
  readonly onError: (error: unknown, conversationId: ConversationId) => void
}

export class GroupReceipts {
  readonly #deps: GroupReceiptDeps
  readonly #due = new Set<ConversationId>()

  constructor(deps: GroupReceiptDeps) {
    this.#deps = deps
  }

  changed(conversationId: ConversationId): void {
    if (this.#due.has(conversationId) || !this.#deps.delivery.isWatched(conversationId)) return
    this.#due.add(conversationId)
    this.#deps.clock.setTimer(limits.receiptIntervalMs, () => {
      this.#due.delete(conversationId)
      this.#send(conversationId).catch((error: unknown) => this.#deps.onError(error, conversationId))
    })
  }

  /** Of the members now, the asker included. */
  async aggregate(roster: Roster): Promise<DownFrameOf<'receipts'>> {
    const { conversationId } = roster.state
    const cursors = (await this.#deps.cursors.ofConversation(conversationId)).filter(({ userId }) => roster.roles.has(userId))
    return {
      type: 'receipts',
      conversationId,
      members: roster.roles.size,
      delivered: steps(cursors.map(({ delivered }) => delivered)),
      read: steps(cursors.map(({ shown }) => shown)),
    }
  }

  async #send(conversationId: ConversationId): Promise<void> {
    const standing = await loadStanding(this.#deps.log, this.#deps.conversations, conversationId)
    if (standing) this.#deps.delivery.toWatchers(conversationId, await this.aggregate(standing.roster))
  }
}

/** [seq, members at or beyond it], falling in seq: the newest `receiptStepsMax` distinct positions. */
export function steps(positions: readonly number[]): [number, number][] {
  const falling = positions.filter((seq) => seq > 0).sort((a, b) => b - a)
  const result: [number, number][] = []
  falling.forEach((seq, i) => {
    const last = result.at(-1)
    if (last?.[0] === seq) last[1] = i + 1
    else if (result.length < limits.receiptStepsMax) result.push([seq, i + 1])
  })
  return result
}
