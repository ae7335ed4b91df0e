/**
 * Rows of the conversation list: where a member stands in each conversation, with unread by arithmetic (L8) and a preview.
 * One trip for the counts of any number of rows, and one read a row for its newest entries, where more is needed than was seen.
 */
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { ConversationSummary, UserProfile } from '@godwit/protocol/summary.ts'
import { foldVisible, mentioned } from './history.ts'
import { isMember, type MembershipDeps } from './memberships.ts'
import type { People } from './people.ts'
import { outlineOf, type Row } from './rows.ts'

export interface SummaryDeps extends MembershipDeps {
  readonly people: People
}

/** What is told of a row's newest entries. */
interface Newest {
  /** Those that ride along. */
  readonly entries: readonly FoldedEntry[]
  readonly preview: FoldedEntry | null
  /** Messages up to the last entry. */
  readonly count: number
}

type Delivered = ReadonlyMap<ConversationId, number>

/**
 * Full rows, in the order given. Newest entries ride along until they would be more than `entriesBytes`; the rows given first have
 * them first. What the asking device has, by `delivered`, does not.
 */
export async function summarise(
  deps: SummaryDeps,
  userId: UserId,
  rows: readonly Row[],
  entriesBytes: number,
  delivered: Delivered = new Map(),
): Promise<{ conversations: ConversationSummary[]; users: UserProfile[] }> {
  if (rows.length === 0) return { conversations: [], users: [] }
  const open = rows
    .map(({ membership: { conversationId }, read: after, last: upTo }) => ({ conversationId, userId, after, upTo }))
    .filter(({ after, upTo }) => after < upTo)
  const [counts, newest] = await Promise.all([deps.log.unread(open), newestOf(deps, rows, entriesBytes, delivered)])
  const unread = new Map(open.map(({ conversationId }, i) => [conversationId, counts[i]]))

  const users = new Set<UserId>()
  const conversations = rows.map((row, i): ConversationSummary => {
    const { entries, preview, count } = newest[i] as Newest
    for (const mentionedUser of mentioned(preview ? [...entries, preview] : entries)) users.add(mentionedUser)
    if (row.membership.peerId) users.add(row.membership.peerId)
    const counted = unread.get(row.membership.conversationId)
    return {
      ...summary(row, userId),
      count,
      unread: counted?.unread ?? 0,
      mentions: counted?.mentions ?? 0,
      preview: preview && clipped(preview),
      entries: [...entries],
    }
  })
  return { conversations, users: await deps.people.profiles(users) }
}

/**
 * For each row. A device that has nothing yet is told of thousands of conversations, and the entries of few of them fit: so they are
 * read about as many at a time as there is room for, and when no more fit, only what a preview needs.
 */
async function newestOf(deps: SummaryDeps, rows: readonly Row[], entriesBytes: number, delivered: Delivered): Promise<Newest[]> {
  const newest: Newest[] = []
  let budget = entriesBytes
  while (newest.length < rows.length) {
    const next: { readonly row: Row; readonly has: number; readonly lacking: number }[] = []
    const atOnce = budget > 0 ? (limits.resumeEntriesReadMax * budget) / entriesBytes : limits.resumeEntriesReadMax
    let toRead = 0
    for (const row of rows.slice(newest.length)) {
      if (toRead >= atOnce) break
      const has = budget > 0 ? (delivered.get(row.membership.conversationId) ?? 0) : row.last
      const lacking = Math.min(Math.max(row.last - has, 1), limits.resumeEntriesPerConversationMax)
      toRead += lacking
      next.push({ row, has, lacking })
    }
    const read = await Promise.all(next.map(({ row, lacking }) => newestEntries(deps, row, lacking)))
    for (const [i, all] of read.entries()) {
      const missing = all.filter(({ seq }) => seq > (next[i]?.has ?? 0))
      const { entries, bytes } = newestThatFit(missing, budget)
      budget = entries.length < missing.length ? 0 : budget - bytes
      newest.push({ entries, preview: all.findLast(isPreview) ?? null, count: all.at(-1)?.count ?? 0 })
    }
  }
  return newest
}

function summary(row: Row, userId: UserId) {
  const { membership, ranges, lastAt } = row
  const { kind, name, peerId, memberCount, history, intervals } = membership
  const now = intervals.find(({ to }) => to === null)
  return {
    ...outlineOf(row),
    kind,
    name,
    peerId: peerId === userId ? null : peerId,
    role: now?.role ?? null,
    memberCount,
    history,
    first: ranges[0]?.from ?? 0,
    lastActivityAt: lastAt,
  }
}

/** As many as are lacking, if a preview is among them: most devices that come back have nearly everything. */
async function newestEntries(deps: SummaryDeps, row: Row, lacking: number): Promise<readonly FoldedEntry[]> {
  const range = row.ranges.at(-1)
  if (!range) return []
  if (lacking === 1 && row.newest && isPreview(row.newest)) return [row.newest]
  const read = async (limit: number) => {
    const result = await deps.log.read(row.membership.conversationId, { from: range.from, to: range.to, limit, direction: 'down' })
    return foldVisible(result, row.ranges, isMember(row.membership))
  }
  const most = limits.resumeEntriesPerConversationMax
  const entries = await read(lacking)
  return lacking === most || entries.some(isPreview) ? entries : await read(most)
}

const isPreview = (entry: FoldedEntry) => entry.kind === 'message' && !entry.deleted

/** From the newest down, so that what is left out is a gap below and never within. */
function newestThatFit(entries: readonly FoldedEntry[], budget: number): { entries: FoldedEntry[]; bytes: number } {
  let bytes = 0
  let from = entries.length
  while (from > 0) {
    const size = Buffer.byteLength(JSON.stringify(entries[from - 1]))
    if (bytes + size > budget) break
    bytes += size
    from--
  }
  return { entries: entries.slice(from), bytes }
}

/** As a row of the list shows it: neither a long text nor a crowd of reactions. */
function clipped(entry: FoldedEntry): FoldedEntry {
  if (entry.kind !== 'message') return entry
  const { reactions: _reactions, body: _body, ...rest } = entry
  if (entry.text.length <= limits.previewCharsMax) return rest
  return { ...rest, text: entry.text.slice(0, limits.previewCharsMax).replace(/[\uD800-\uDBFF]$/, '') }
}
