/**
 * Rows of the conversation list: where a member stands in each conversation, with unread by arithmetic (L8) and a preview.
 * A constant number of trips for any number of rows, and one read a row for its newest entries.
 */
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { ConversationSummary, UserProfile } from '@godwit/protocol/summary.ts'
import type { Conversations, Membership } from '../ports/conversations.ts'
import type { Cursor, CursorKey, Cursors } from '../ports/cursors.ts'
import type { Head, MessageLog } from '../ports/message-log.ts'
import { foldVisible, mentioned } from './history.ts'
import type { People } from './people.ts'
import { isVisible, type Range, visibleRanges } from './visibility.ts'

export interface SummaryDeps {
  readonly log: MessageLog
  readonly conversations: Conversations
  readonly cursors: Cursors
  readonly people: People
}

/** A conversation of a user, with what the cheap trips tell: enough to order, filter and compare. */
export interface Row {
  readonly membership: Membership
  readonly head: Head
  readonly ranges: readonly Range[]
  /** The last seq the user may see. */
  readonly last: number
  readonly cursor: Cursor
  /** `direct`: the peer's. */
  readonly peerCursor: Cursor | null
}

/** Two trips: heads, and cursors beside them. */
export async function rowsOf(deps: SummaryDeps, userId: UserId, memberships: readonly Membership[]): Promise<Row[]> {
  const ids = memberships.map(({ conversationId }) => conversationId)
  const peers: CursorKey[] = memberships.flatMap(({ conversationId, peerId }) => (peerId ? [{ conversationId, userId: peerId }] : []))
  const [heads, own, theirs] = await Promise.all([
    deps.log.heads(ids),
    deps.cursors.of(ids.map((conversationId) => ({ conversationId, userId }))),
    deps.cursors.of(peers),
  ])
  const peerCursors = new Map(peers.map(({ conversationId }, i) => [conversationId, theirs[i] as Cursor]))
  return memberships.flatMap((membership, i) => {
    const head = heads[i]
    if (!head) return []
    const ranges = visibleRanges(membership.intervals, head.seq)
    const last = ranges.at(-1)?.to ?? 0
    return [{ membership, head, ranges, last, cursor: own[i] as Cursor, peerCursor: peerCursors.get(membership.conversationId) ?? null }]
  })
}

/**
 * Full rows, in the order given. Newest entries ride along until `entriesBytes` is spent; the rows given first have them first.
 */
export async function summarise(
  deps: SummaryDeps,
  userId: UserId,
  rows: readonly Row[],
  entriesBytes: number,
): Promise<{ conversations: ConversationSummary[]; users: UserProfile[] }> {
  const questions = rows.map((row) => ({
    conversationId: row.membership.conversationId,
    userId,
    after: Math.max(row.cursor.read, (row.ranges.at(-1)?.from ?? 1) - 1),
    upTo: row.last,
  }))
  const open = questions.filter(({ after, upTo }) => after < upTo)
  const [counts, newest] = await Promise.all([deps.log.unread(open), Promise.all(rows.map((row) => newestEntries(deps, row)))])
  const unread = new Map(open.map(({ conversationId }, i) => [conversationId, counts[i]]))

  let budget = entriesBytes
  const users = new Set<UserId>()
  const conversations = rows.map((row, i): ConversationSummary => {
    const all = newest[i] as FoldedEntry[]
    const { entries, bytes } = budget > 0 ? newestThatFit(all, budget) : { entries: [], bytes: 0 }
    budget -= bytes
    const preview = all.findLast((entry) => entry.kind === 'message' && !entry.deleted) ?? null
    for (const mentionedUser of mentioned(preview ? [...entries, preview] : entries)) users.add(mentionedUser)
    if (row.membership.peerId) users.add(row.membership.peerId)
    const count = unread.get(row.membership.conversationId)
    return {
      ...summary(row, userId),
      unread: count?.unread ?? 0,
      mentions: count?.mentions ?? 0,
      preview: preview && clipped(preview),
      entries,
    }
  })
  return { conversations, users: await deps.people.profiles(users) }
}

function summary({ membership, head, ranges, last, cursor, peerCursor }: Row, userId: UserId) {
  const { conversationId, kind, name, peerId, memberCount, history, flags, intervals } = membership
  const now = intervals.find(({ to }) => to === null)
  return {
    conversationId,
    kind,
    name,
    peerId: peerId === userId ? null : peerId,
    role: now?.role ?? null,
    memberCount,
    history,
    first: ranges[0]?.from ?? 0,
    head: last,
    count: head.count,
    lastActivityAt: now ? head.at : membership.changedAt,
    read: cursor.read,
    flags,
    peer: peerCursor && { delivered: peerCursor.delivered, read: peerCursor.shown },
  }
}

async function newestEntries(deps: SummaryDeps, row: Row): Promise<FoldedEntry[]> {
  const range = row.ranges.at(-1)
  if (!range) return []
  const limit = limits.resumeEntriesPerConversationMax
  const result = await deps.log.read(row.membership.conversationId, { from: range.from, to: range.to, limit, direction: 'down' })
  return foldVisible(result, row.ranges).filter((entry) => isVisible(row.ranges, entry.seq))
}

/** From the newest down, so that what is left out is a gap below and never within. */
function newestThatFit(entries: readonly FoldedEntry[], budget: number): { entries: FoldedEntry[]; bytes: number } {
  let bytes = 0
  let from = entries.length
  while (from > 0) {
    const size = JSON.stringify(entries[from - 1]).length
    if (bytes + size > budget) break
    bytes += size
    from--
  }
  return { entries: entries.slice(from), bytes }
}

function clipped(entry: FoldedEntry): FoldedEntry {
  if (entry.kind !== 'message' || entry.text.length <= limits.previewCharsMax) return entry
  return { ...entry, text: entry.text.slice(0, limits.previewCharsMax).toWellFormed() }
}
