/**
 * A user's part in a conversation as the log has it. The projection may be behind (L1), and what it says of the conversation now is
 * not for those who have left (L6).
 */
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Conversations, Membership } from '../ports/conversations.ts'
import type { Head, MessageLog } from '../ports/message-log.ts'
import { applyMembership, type MembershipEntry, type Roster } from './roster.ts'
import { loadStanding, type Standing } from './standing.ts'
import { visibleRanges } from './visibility.ts'

export interface MembershipDeps {
  readonly log: MessageLog
  readonly conversations: Conversations
}

type Flagged = Pick<Membership, 'flags' | 'flagsAt'>

const noFlags: Flagged = { flags: { muted: false, archived: false, pinned: false }, flagsAt: 0 }

/** A part in a conversation, and the head as of which it holds: no entry above that head may be shown on its strength. */
export interface Seat {
  readonly membership: Membership
  readonly head: Head
}

/** Throws FORBIDDEN for who was never a member. One trip, whatever the size of the group; more where the projection lags. */
export async function seatOf(deps: MembershipDeps, userId: UserId, conversationId: ConversationId): Promise<Seat> {
  const [[head], stored] = await Promise.all([deps.log.heads([conversationId]), deps.conversations.membership(conversationId, userId)])
  if (head && stored && head.membershipSeq <= stored.applied && stored.applied <= head.seq) return { membership: stored, head }
  const seat = await foldedSeat(deps, userId, conversationId, stored ?? noFlags)
  if (!seat) throw new GodwitError('FORBIDDEN')
  return seat
}

/** null for who was never a member. The roster knows nothing of flags. */
export function seatIn({ roster, head }: Standing, userId: UserId, flagged: Flagged = noFlags): Seat | null {
  const membership = membershipOf(roster, userId, flagged)
  return membership.intervals.length > 0 ? { membership, head } : null
}

/** What the projection lags behind `head` is folded from the log, which may have grown since: the head of the seat goes with it. */
export async function broughtUpTo(deps: MembershipDeps, userId: UserId, head: Head, membership: Membership): Promise<Seat> {
  if (head.membershipSeq <= membership.applied) return { membership, head }
  return (await foldedSeat(deps, userId, membership.conversationId, membership)) ?? { membership, head }
}

/** A former member's row stands as it was when they went: name, size and time of what they may see. */
export async function asLastSeen(deps: MembershipDeps, userId: UserId, head: Head, membership: Membership): Promise<Membership> {
  const last = visibleRanges(membership.intervals, head.seq).at(-1)?.to ?? 0
  let roster: Roster | null = null
  for (const entry of await deps.log.membershipEntries(membership.conversationId, 0, last))
    roster = applyMembership(roster, entry as MembershipEntry)
  return roster ? { ...membershipOf(roster, userId, membership), intervals: membership.intervals, peerId: membership.peerId } : membership
}

export function isMember({ intervals }: Membership): boolean {
  return intervals.some(({ to }) => to === null)
}

async function foldedSeat(deps: MembershipDeps, userId: UserId, conversationId: ConversationId, flagged: Flagged): Promise<Seat | null> {
  const standing = await loadStanding(deps.log, deps.conversations, conversationId)
  return standing && seatIn(standing, userId, flagged)
}

function membershipOf(roster: Roster, userId: UserId, { flags, flagsAt }: Flagged): Membership {
  const { conversationId, kind, name, history, applied, changedAt } = roster.state
  return {
    conversationId,
    kind,
    name,
    history,
    applied,
    changedAt,
    memberCount: roster.roles.size,
    intervals: roster.intervalsOf(userId),
    peerId: roster.peerOf(userId),
    flags,
    flagsAt,
  }
}
