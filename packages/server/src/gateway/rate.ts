/**
 * Token buckets by cost, for one connection, its user and the conversation written to (T15). They are in process, so they hold
 * when everything around is down; in a cluster each node has its own.
 */
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { costs, limits } from '@godwit/protocol/limits.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import { type Budget, type BudgetRow, createBudget } from '../accounts/budget.ts'
import type { Clock } from '../ports/clock.ts'

/** Budgets that connections and requests share. */
export interface SharedRates {
  /** For requests that no user is known to have made. */
  readonly ofAddress: Budget
  readonly ofUser: Budget
  readonly ofConversation: Budget
}

/** What one connection may spend; an address has as much for what belongs to no connection. */
export const connectionRow: BudgetRow = {
  limit: 'rateConnectionPerS',
  burst: limits.rateConnectionBurst,
  perS: limits.rateConnectionPerS,
}

export function createSharedRates(clock: Clock): SharedRates {
  return {
    ofAddress: createBudget(clock, connectionRow),
    ofUser: createBudget(clock, { limit: 'rateUserPerS', burst: limits.rateUserBurst, perS: limits.rateUserPerS }),
    ofConversation: createBudget(clock, {
      limit: 'rateConversationPerS',
      burst: limits.rateConversationBurst,
      perS: limits.rateConversationPerS,
    }),
  }
}

/** What a frame that cannot be read costs: reading it was work. */
const unreadableCost = 1
const minuteMs = 60_000

export class ConnectionRate {
  readonly #clock: Clock
  readonly #shared: SharedRates
  #left: number = limits.rateConnectionBurst
  #at: number
  #refusals = 0
  #minuteFrom: number

  constructor(clock: Clock, shared: SharedRates) {
    this.#clock = clock
    this.#shared = shared
    this.#at = clock.now()
    this.#minuteFrom = this.#at
  }

  /** Throws RATE_LIMITED when connection, user or conversation cannot pay. */
  charge(frame: UpFrame, userId: UserId): void {
    const cost = costOf(frame)
    this.#take(cost)
    this.#shared.ofUser.take(userId, cost)
    if (frame.type === 'batch') for (const command of frame.frames) this.#chargeConversation(command.to, costs[command.type])
    else if ('to' in frame) this.#chargeConversation(frame.to, cost)
  }

  /** Never throws: the frame is refused anyway. */
  chargeUnreadable(): void {
    this.#refill()
    this.#left = Math.max(0, this.#left - unreadableCost)
  }

  /** Counts a refused frame; true when there are more of them in a minute than a client in good order could cause. */
  refused(): boolean {
    const now = this.#clock.now()
    if (Math.abs(now - this.#minuteFrom) >= minuteMs) {
      this.#minuteFrom = now
      this.#refusals = 0
    }
    return ++this.#refusals > limits.rateRefusalsPerMinuteMax
  }

  #chargeConversation(conversationId: ConversationId, cost: number): void {
    this.#shared.ofConversation.take(conversationId, cost)
  }

  #take(cost: number): void {
    this.#refill()
    if (this.#left < cost)
      throw new GodwitError('RATE_LIMITED', 'rateConnectionPerS', Math.ceil(((cost - this.#left) / limits.rateConnectionPerS) * 1_000))
    this.#left -= cost
  }

  #refill(): void {
    const now = this.#clock.now()
    const elapsedS = Math.max(0, now - this.#at) / 1_000
    this.#at = now
    this.#left = Math.min(limits.rateConnectionBurst, this.#left + elapsedS * limits.rateConnectionPerS)
  }
}

function costOf(frame: UpFrame): number {
  if (frame.type === 'batch') return frame.frames.reduce((sum, { type }) => sum + costs[type], 0)
  return frame.type === 'hello' ? costs.auth : costs[frame.type]
}
