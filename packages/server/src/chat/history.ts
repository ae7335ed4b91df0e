/**
 * Pages of a conversation's log, as one member may see them (L6): contiguous in seq within an interval of membership, folded as
 * of the head.
 */
import type { Page } from '@godwit/protocol/api.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { type AmendmentEntry, fold } from '@godwit/protocol/fold.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { MessageLog, ReadRange, ReadResult } from '../ports/message-log.ts'
import type { PageQuery, Principal } from './chat.ts'
import { isMember, seatOf } from './memberships.ts'
import type { People } from './people.ts'
import { isVisible, type Range, visibleRanges } from './visibility.ts'

export interface HistoryDeps {
  readonly log: MessageLog
  readonly conversations: Conversations
  readonly people: People
}

export async function page(deps: HistoryDeps, principal: Principal, conversationId: ConversationId, query: PageQuery): Promise<Page> {
  const given = [query.after, query.before, query.around].filter((seq) => seq !== undefined)
  if (given.length > 1) throw new GodwitError('BAD_REQUEST', 'give one of after, before and around')
  const { membership, head } = await seatOf(deps, principal.userId, conversationId)
  const ranges = visibleRanges(membership.intervals, head.seq)
  const limit = query.limit ?? limits.pageEntriesDefault
  const entries: FoldedEntry[] = []
  for (const range of readRanges(ranges, query, limit)) {
    const result = await deps.log.read(conversationId, range)
    entries.push(...foldVisible(result, ranges, isMember(membership)))
  }
  const low = entries[0]?.seq ?? query.after ?? query.before ?? 1
  const high = entries.at(-1)?.seq ?? low
  return {
    entries,
    head: ranges.at(-1)?.to ?? 0,
    first: ranges[0]?.from ?? 0,
    more: { before: ranges.some((range) => range.from < low), after: ranges.some((range) => range.to > high) },
    users: await deps.people.profiles(mentioned(entries)),
  }
}

/**
 * Folds the amendments that this member may see. A deletion is for all, since the text is gone for all; who made it and when is
 * told only to those who may see that entry. Of one who is still a member (`isOpen`) what lies behind the last range is not
 * hidden: it was appended since, and its own entry is still to come.
 */
export function foldVisible({ entries, amendments }: ReadResult, ranges: readonly Range[], isOpen: boolean): FoldedEntry[] {
  const upTo = isOpen ? (ranges.at(-1)?.to ?? 0) : Number.POSITIVE_INFINITY
  const byTarget = Map.groupBy(amendments as readonly AmendmentEntry[], ({ target }) => target)
  return entries.map((entry) => {
    if (entry.kind === 'edit') return isDeleted(byTarget.get(entry.target)) ? withoutText(entry) : entry
    const all = byTarget.get(entry.seq) ?? []
    const visible = all.filter(({ seq }) => isVisible(ranges, seq))
    const hiddenDeletion = isDeleted(visible) ? undefined : all.find(({ kind, seq }) => kind === 'delete' && seq <= upTo)
    if (hiddenDeletion) visible.push({ ...hiddenDeletion, seq: entry.seq, at: entry.at, senderId: entry.senderId })
    return fold(entry, visible)
  })
}

function isDeleted(amendments: readonly AmendmentEntry[] | undefined): boolean {
  return amendments?.some(({ kind }) => kind === 'delete') ?? false
}

/** The text of an edit goes with the message it edited. */
function withoutText({ mentions: _mentions, ...edit }: Extract<FoldedEntry, { kind: 'edit' }>): FoldedEntry {
  return { ...edit, text: '' }
}

/** Users whom a reader of these entries needs a name for. */
export function mentioned(entries: readonly FoldedEntry[]): Set<UserId> {
  const users = new Set<UserId>()
  for (const entry of entries) {
    users.add(entry.senderId)
    if (entry.kind === 'removed' || entry.kind === 'role') users.add(entry.userId)
    if (entry.kind === 'added') for (const { userId } of entry.members) users.add(userId)
    if ('mentions' in entry && entry.mentions) for (const userId of entry.mentions) users.add(userId)
  }
  return users
}

/** One read, or two around a seq; each within one visible range, so that a page has no hole. */
function readRanges(ranges: readonly Range[], query: PageQuery, limit: number): readonly ReadRange[] {
  if (query.after !== undefined) return upFrom(ranges, query.after + 1, limit)
  if (query.before !== undefined) return downFrom(ranges, query.before - 1, limit)
  if (query.around === undefined) return downFrom(ranges, Number.MAX_SAFE_INTEGER, limit)
  const { around } = query
  const range = ranges.find(({ to }) => to >= around) ?? ranges.at(-1)
  const within = range ? [range] : []
  const middle = Math.max(around, range?.from ?? 0)
  const below = Math.ceil(limit / 2)
  return [...downFrom(within, middle, below), ...upFrom(within, middle + 1, limit - below)]
}

function upFrom(ranges: readonly Range[], seq: number, limit: number): readonly ReadRange[] {
  const range = ranges.find(({ to }) => to >= seq)
  return range && limit > 0 ? [{ from: Math.max(range.from, seq), to: range.to, limit, direction: 'up' }] : []
}

function downFrom(ranges: readonly Range[], seq: number, limit: number): readonly ReadRange[] {
  const range = ranges.findLast(({ from }) => from <= seq)
  return range ? [{ from: range.from, to: Math.min(range.to, seq), limit, direction: 'down' }] : []
}
