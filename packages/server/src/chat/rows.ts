/** A user's conversations with what the cheap trips tell of each: enough to order, filter and compare. */
import type { Entry } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { Interval, Membership } from '../ports/conversations.ts'
import type { Cursor } from '../ports/cursors.ts'
import type { InboxRow } from '../ports/inbox.ts'
import { asLastSeen, broughtUpTo, isMember, type MembershipDeps } from './memberships.ts'
import { type Range, visibleRanges } from './visibility.ts'

export interface Row {
  readonly membership: Membership
  readonly ranges: readonly Range[]
  /** The last seq the user may see. */
  readonly last: number
  /** Unix ms of the entry there. */
  readonly lastAt: number
  /** Unix ms of the last change of anything: entries, membership, flags, cursors. */
  readonly changedAt: number
  /** How far this user has read, and need not: what is older than their joining. */
  readonly read: number
  /** `direct`: the peer's. */
  readonly peerCursor: Cursor | null
  /** The entry at `last`, where it was seen; nothing amends it, for nothing is behind it. */
  readonly newest: Entry | null
}

/**
 * Those that changed at `since` (Unix ms) or later (L7), in the order given. A trip only where the projection lags, or for a
 * conversation that the user has left.
 */
export async function rowsOf(deps: MembershipDeps, userId: UserId, seen: readonly InboxRow[], since = 0): Promise<Row[]> {
  const rows = seen.map(async ({ membership: stored, head: asked, cursor, peerCursor, last: seenLast }): Promise<Row | null> => {
    const { membership: current, head } = await broughtUpTo(deps, userId, asked, stored)
    const changeOf = (membership: Membership) =>
      Math.max(isMember(membership) ? head.at : 0, membership.changedAt, membership.flagsAt, cursor.at, peerCursor?.at ?? 0)
    if (changeOf(current) < since) return null
    const membership = isMember(current) ? current : await asLastSeen(deps, userId, head, current)
    const changedAt = changeOf(membership)
    if (changedAt < since) return null
    const ranges = visibleRanges(membership.intervals, head.seq)
    const lastAt = isMember(membership) ? head.at : membership.changedAt
    const read = Math.max(cursor.read, joinedAt(membership.intervals))
    const last = ranges.at(-1)?.to ?? 0
    const newest = seenLast?.seq === last && last === head.seq ? seenLast : null
    return { membership, ranges, last, lastAt, changedAt, read, peerCursor, newest }
  })
  return (await Promise.all(rows)).filter((row) => row !== null)
}

/** What of a row a device compares with its own (L7). */
export function outlineOf({ membership: { conversationId, flags }, last, read, peerCursor }: Row) {
  return { conversationId, head: last, read, flags, peer: peerCursor && { delivered: peerCursor.delivered, read: peerCursor.shown } }
}

/** seq of the entry that made a user a member last; 0 for who never was. Nothing up to there is unread (L8). */
export function joinedAt(intervals: readonly Interval[]): number {
  return Math.max(0, ...intervals.map(({ joined }) => joined))
}
