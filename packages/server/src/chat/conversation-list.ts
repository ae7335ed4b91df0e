/** The conversation list, one row of it, and what a user sets on a row for themselves (R14). */
import type { ConversationAnswer, ConversationList, Members } from '@godwit/protocol/api.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'
import type { Clock } from '../ports/clock.ts'
import type { Principal } from './chat.ts'
import { seatOf } from './memberships.ts'
import { type Row, rowsOf } from './rows.ts'
import { loadStanding } from './standing.ts'
import { type SummaryDeps, summarise } from './summaries.ts'

export interface ListQuery {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

/** Pinned first, then by last activity. */
export async function list(deps: SummaryDeps, principal: Principal, query: ListQuery): Promise<ConversationList> {
  const limit = query.limit ?? limits.listConversationsDefault
  const rows = await rowsOf(deps, principal.userId, await deps.conversations.membershipsOf(principal.userId))
  const sorted = rows.map((row) => ({ row, key: sortKey(row) })).sort((a, b) => (a.key < b.key ? 1 : -1))
  const from = query.cursor === undefined ? 0 : sorted.findIndex(({ key }) => key < (query.cursor as string))
  const slice = from < 0 ? [] : sorted.slice(from, from + limit)
  const isLast = from < 0 || from + limit >= sorted.length
  const answer = await summarise(
    deps,
    principal.userId,
    slice.map(({ row }) => row),
    0,
  )
  return { ...answer, cursor: isLast ? null : (slice.at(-1)?.key ?? null) }
}

/** Sorts as text; also the cursor of a page, so a row that moves up meanwhile is met by its new entries instead. */
function sortKey({ membership, lastAt }: Row): string {
  return `${membership.flags.pinned ? 1 : 0}.${lastAt.toString().padStart(15, '0')}.${membership.conversationId}`
}

export async function conversation(deps: SummaryDeps, principal: Principal, conversationId: ConversationId): Promise<ConversationAnswer> {
  const { membership } = await seatOf(deps, principal.userId, conversationId)
  const answer = await summarise(deps, principal.userId, await rowsOf(deps, principal.userId, [membership]), limits.resumeEntriesBytesMax)
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
  deps: SummaryDeps & { readonly clock: Clock },
  principal: Principal,
  conversationId: ConversationId,
  flags: Partial<ConversationFlags>,
): Promise<ConversationAnswer> {
  await seatOf(deps, principal.userId, conversationId)
  await deps.conversations.setFlags(conversationId, principal.userId, flags, deps.clock.now())
  return conversation(deps, principal, conversationId)
}
