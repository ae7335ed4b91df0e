import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Place } from '@godwit/server/ports/inbox.ts'
import type { Names } from './names.ts'

/** A place in a user's list, by the number of its conversation. */
export interface Spot extends Omit<Place, 'conversationId'> {
  readonly conversation: number
}

/** The first `limit` behind a place, in order. Wire ids are looked up only where two stand equal: most of a long list is not shown. */
export function firstBehind(names: Names, spots: readonly Spot[], behind: Place | null, limit: number): readonly Spot[] {
  const idOf = ({ conversation }: Spot) => names.nameOf<ConversationId>(conversation)
  const order = (one: Spot, other: Spot) => byActivity(one, other) || fallingIds(idOf(one), idOf(other))
  const isBehind = (spot: Spot) => behind === null || (byActivity(behind, spot) || fallingIds(behind.conversationId, idOf(spot))) < 0
  const first: Spot[] = []
  for (const spot of spots) {
    const last = first.length < limit ? undefined : first.at(-1)
    if ((last && order(last, spot) < 0) || !isBehind(spot)) continue
    if (last) first.pop()
    first.splice(placeIn(first, spot, order), 0, spot)
  }
  return first
}

/** By halving. */
function placeIn<T>(sorted: readonly T[], item: T, order: (one: T, other: T) => number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (order(sorted[middle] as T, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}

type Activity = Pick<Place, 'pinned' | 'lastAt'>

/** Pinned first, then the newest. */
const byActivity = (one: Activity, other: Activity) => Number(other.pinned) - Number(one.pinned) || other.lastAt - one.lastAt

const fallingIds = (one: ConversationId, other: ConversationId) => (one === other ? 0 : one < other ? 1 : -1)
