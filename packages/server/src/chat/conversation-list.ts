/** The conversation list, one row of it, and what a user sets on a row for themselves (R14). */
import type { ConversationAnswer, ConversationList, Members } from '@godwit/protocol/api.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'
import type { Clock } from '../ports/clock.ts'
import type { Cursor, Cursors } from '../ports/cursors.ts'
import type { Inbox, Place } from '../ports/inbox.ts'
import type { Principal } from './chat.ts'
import { seatOf } from './memberships.ts'
import { rowsOf } from './rows.ts'
import { loadStanding } from './standing.ts'
import { type SummaryDeps, summarise } from './summaries.ts'

export interface ListDeps extends SummaryDeps {
  readonly inbox: Inbox
}

export interface RowDeps extends SummaryDeps {
  readonly cursors: Cursors
}

export interface ListQuery {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

/** Pinned first, then by last activity. */
export async function list(deps: ListDeps, { userId }: Principal, query: ListQuery): Promise<ConversationList> {
  const limit = query.limit ?? limits.listConversationsDefault
  const seen = await deps.inbox.newest(userId, query.cursor === undefined ? null : placeAt(query.cursor), limit + 1)
  const page = seen.slice(0, limit)
  const answer = await summarise(deps, userId, await rowsOf(deps, userId, page), 0)
  const last = seen.length > limit ? page.at(-1) : undefined
  return { ...answer, cursor: last ? cursorAt(last.place) : null }
}

function cursorAt({ pinned, lastAt, conversationId }: Place): string {
  return `${Number(pinned)}.${lastAt}.${conversationId}`
}

/** A row that moves up meanwhile is met by its new entries instead. */
function placeAt(cursor: string): Place {
  const [, pinned, lastAt, conversationId] = /^([01])\.(\d{1,15})\.(c_.+)$/.exec(cursor) ?? []
  if (conversationId === undefined) throw new GodwitError('BAD_REQUEST', 'cursor: give back the one you were given')
  return { pinned: pinned === '1', lastAt: Number(lastAt), conversationId: conversationId as ConversationId }
}

export async function conversation(deps: RowDeps, { userId }: Principal, conversationId: ConversationId): Promise<ConversationAnswer> {
  const { membership, head } = await seatOf(deps, userId, conversationId)
  const { peerId } = membership
  const keys = [userId, ...(peerId ? [peerId] : [])].map((id) => ({ conversationId, userId: id }))
  const [cursor, peerCursor = null] = await deps.cursors.of(keys)
  const rows = await rowsOf(deps, userId, [{ membership, head, last: null, cursor: cursor as Cursor, peerCursor }])
  const answer = await summarise(deps, userId, rows, limits.resumeEntriesBytesMax)
  const [summary] = answer.conversations
  if (!summary) throw new GodwitError('FORBIDDEN')
  return { conversation: summary, users: answer.users }
}

export async function members(deps: SummaryDeps, principal: Principal, conversationId: ConversationId): Promise<Members> {
  const standing = await loadStanding(deps.log, deps.conversations, conversationId)
  if (!standing?.roster.roles.has(principal.userId)) throw new GodwitError('FORBIDDEN')
  const { roles } = standing.roster
  const profiles = await deps.people.profiles(roles.keys())
  return { members: profiles.map((profile) => ({ ...profile, role: roles.get(profile.userId) ?? 'member' })) }
}

export async function setFlags(
  deps: RowDeps & { readonly clock: Clock },
  principal: Principal,
  conversationId: ConversationId,
  flags: Partial<ConversationFlags>,
): Promise<ConversationAnswer> {
  await seatOf(deps, principal.userId, conversationId)
  await deps.conversations.setFlags(conversationId, principal.userId, flags, deps.clock.now())
  return conversation(deps, principal, conversationId)
}
