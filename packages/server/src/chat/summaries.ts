/**
 * Rows of the conversation list: where a member stands in each conversation, with unread by arithmetic (L8) and a preview.
 * One trip for the counts of any number of rows, and one read a row for its newest entries.
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

/**
 * Full rows, in the order given. Newest entries ride along until `entriesBytes` is spent; the rows given first have them first.
 * What the asking device has, by `delivered`, does not.
 */
export async function summarise(
  deps: SummaryDeps,
  userId: UserId,
  rows: readonly Row[],
  entriesBytes: number,
  delivered: ReadonlyMap<ConversationId, number> = new Map(),
): Promise<{ conversations: ConversationSummary[]; users: UserProfile[] }> {
  if (rows.length === 0) return { conversations: [], users: [] }
  const deliveredOf = ({ membership: { conversationId } }: Row) => delivered.get(conversationId) ?? 0
  const open = rows
    .map(({ membership: { conversationId }, read: after, last: upTo }) => ({ conversationId, userId, after, upTo }))
    .filter(({ after, upTo }) => after < upTo)
  const [counts, newest] = await Promise.all([
    deps.log.unread(open),
    Promise.all(rows.map((row) => newestEntries(deps, row, entriesBytes > 0 ? deliveredOf(row) : row.last))),
  ])
  const unread = new Map(open.map(({ conversationId }, i) => [conversationId, counts[i]]))

  let budget = entriesBytes
  const users = new Set<UserId>()
  const conversations = rows.map((row, i): ConversationSummary => {
    const all = newest[i] as FoldedEntry[]
    const missing = all.filter(({ seq }) => seq > deliveredOf(row))
    const { entries, bytes } = budget > 0 ? newestThatFit(missing, budget) : { entries: [], bytes: 0 }
    budget -= bytes
    const preview = all.findLast(isPreview) ?? null
    for (const mentionedUser of mentioned(preview ? [...entries, preview] : entries)) users.add(mentionedUser)
    if (row.membership.peerId) users.add(row.membership.peerId)
    const count = unread.get(row.membership.conversationId)
    return {
      ...summary(row, userId),
      count: all.at(-1)?.count ?? 0,
      unread: count?.unread ?? 0,
      mentions: count?.mentions ?? 0,
      preview: preview && clipped(preview),
      entries,
    }
  })
  return { conversations, users: await deps.people.profiles(users) }
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

/** No more than is lacking behind `delivered`, if a preview is among it: most devices that come back have nearly everything. */
async function newestEntries(deps: SummaryDeps, row: Row, delivered: number): Promise<FoldedEntry[]> {
  const range = row.ranges.at(-1)
  if (!range) return []
  const read = async (limit: number) => {
    const result = await deps.log.read(row.membership.conversationId, { from: range.from, to: range.to, limit, direction: 'down' })
    return foldVisible(result, row.ranges, isMember(row.membership))
  }
  const most = limits.resumeEntriesPerConversationMax
  const lacking = Math.min(Math.max(range.to - delivered, 1), most)
  if (lacking === 1 && row.newest && isPreview(row.newest)) return [row.newest]
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
