/**
 * Budgets: token buckets by key (a user, an address, a name). A bucket that has been idle longest, give or take a second, makes room
 * for a new one, so memory is bounded; a key that has used nothing is not kept.
 */
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'

export interface Budget {
  /** Throws RATE_LIMITED, naming the limit, when the key cannot pay. */
  take(key: string, cost?: number): void
  /** Returns what was taken for something that turned out to be harmless. */
  giveBack(key: string, cost?: number): void
}

export interface BudgetRow {
  /** The row of `limits.ts` that sets it: the error names it. */
  readonly limit: string
  readonly burst: number
  readonly perS: number
}

interface Bucket {
  left: number
  /** Unix ms: when `left` was so much, and since when the bucket has its place in the order of use. */
  at: number
  placedAt: number
}

/** Order to the second is enough to choose who goes, and a busy key is not put behind all others for each of its takings. */
const placeAgainMs = 1_000

export function createBudget(clock: Clock, { limit, burst, perS }: BudgetRow): Budget {
  /** In the order of use. */
  const buckets = new Map<string, Bucket>()

  function bucketOf(key: string): Bucket {
    const now = clock.now()
    const known = buckets.get(key)
    if (!known) return place(key, { left: burst, at: now, placedAt: now })
    known.left = Math.min(burst, known.left + (Math.max(0, now - known.at) / 1000) * perS)
    known.at = now
    if (Math.abs(now - known.placedAt) >= placeAgainMs) {
      buckets.delete(key)
      known.placedAt = now
      place(key, known)
    }
    return known
  }

  function place(key: string, bucket: Bucket): Bucket {
    buckets.set(key, bucket)
    if (buckets.size > limits.budgetKeysMax) buckets.delete(buckets.keys().next().value as string)
    return bucket
  }

  return {
    take(key, cost = 1) {
      const bucket = bucketOf(key)
      if (bucket.left < cost) throw new GodwitError('RATE_LIMITED', limit, Math.ceil(((cost - bucket.left) / perS) * 1000))
      bucket.left -= cost
    },
    giveBack(key, cost = 1) {
      const bucket = bucketOf(key)
      bucket.left = Math.min(burst, bucket.left + cost)
      if (bucket.left >= burst) buckets.delete(key)
    },
  }
}

/** So many in a window: the whole budget at once, and back again over the window. */
export function perWindow(limit: string, max: number, windowS: number): BudgetRow {
  return { limit, burst: max, perS: max / windowS }
}
