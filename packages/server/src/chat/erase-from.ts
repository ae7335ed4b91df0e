/**
 * What the erasure of a user does in one conversation. It leaves first: behind the entry of the leaving nothing of theirs can land
 * (L6), so that the log up to there is all there is to look through. Then it takes back message by message with a deletion, which is
 * what every device, page, preview and count understands already; and blanks the texts.
 *
 * Every append has an id that follows from what it is about, so what a crash interrupts is done again without being doubled (L3).
 */
import { hash } from 'node:crypto'
import type { EntryContent } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Delivery } from '../ports/delivery.ts'
import type { MessageLog } from '../ports/message-log.ts'
import type { Appenders } from './appenders.ts'
import type { ErasedPage } from './chat.ts'
import { command } from './command.ts'
import type { People } from './people.ts'
import type { Roster } from './roster.ts'
import { loadStanding, type Standing } from './standing.ts'
import { visibleRanges } from './visibility.ts'

export interface EraseDeps {
  readonly log: MessageLog
  readonly conversations: Conversations
  readonly appenders: Appenders
  readonly people: People
  readonly delivery: Delivery
  readonly hashKey: string
}

export async function eraseFrom(deps: EraseDeps, userId: UserId, conversationId: ConversationId, after: number): Promise<ErasedPage> {
  const standing = await leave(deps, userId, conversationId)
  const ranges = standing ? visibleRanges(standing.roster.intervalsOf(userId), standing.head.seq) : []
  const range = ranges.find(({ to }) => to > after)
  if (!range) return { seq: after, messages: 0, isLast: true }

  const from = Math.max(range.from, after + 1)
  const to = Math.min(range.to, from + limits.erasurePageEntriesMax - 1)
  const page = await deps.log.read(conversationId, { from, to, limit: limits.erasurePageEntriesMax, direction: 'up' })
  const own = page.entries.filter(({ kind, senderId }) => kind === 'message' && senderId === userId)
  const deleted = new Set(page.amendments.flatMap((entry) => (entry.kind === 'delete' ? [entry.target] : [])))
  const left = own.filter(({ seq }) => !deleted.has(seq))
  await Promise.all(left.map(({ seq }) => append(deps, userId, conversationId, `delete ${seq}`, { kind: 'delete', target: seq })))
  await Promise.all(own.map(({ seq }) => deps.log.blank(conversationId, seq)))
  return { seq: to, messages: own.length, isLast: to === ranges.at(-1)?.to }
}

/** Answers the conversation without the user; null where it does not exist. A group is never left without an owner. */
async function leave(deps: EraseDeps, userId: UserId, conversationId: ConversationId): Promise<Standing | null> {
  for (let attempt = 0; attempt < limits.appendAttemptsMax; attempt++) {
    const standing = await loadStanding(deps.log, deps.conversations, conversationId)
    if (!standing?.roster.roles.has(userId)) return standing
    const { roster, head } = standing
    const stay = `${head.membershipSeq}`
    try {
      const heir = heirOf(roster, userId)
      if (heir) await append(deps, userId, conversationId, `heir ${stay}`, { kind: 'role', userId: heir, role: 'owner' })
      await append(deps, userId, conversationId, `leave ${stay}`, { kind: 'removed', userId })
      await tellPseudonym(deps, userId, roster)
    } catch (error) {
      // The members have changed since they were read.
      if (!(error instanceof GodwitError && error.retry === 'never')) throw error
    }
  }
  throw new GodwitError('UNKNOWN_OUTCOME')
}

/** Who owns the group when its last owner goes: of the admins, else of the members, the one who has been there longest. */
function heirOf(roster: Roster, userId: UserId): UserId | null {
  if (roster.state.kind !== 'group' || roster.roles.get(userId) !== 'owner' || roster.ownerCount() > 1) return null
  const rank = { owner: 0, admin: 1, member: 2 }
  const others = roster.state.intervals.filter((interval) => interval.to === null && interval.userId !== userId)
  const [heir] = others.toSorted((a, b) => rank[a.role] - rank[b.role] || a.joined - b.joined)
  return heir?.userId ?? null
}

/** Devices that are live show the pseudonym at once; the others are told it with the entries of the erasure. */
async function tellPseudonym({ people, delivery }: EraseDeps, userId: UserId, roster: Roster): Promise<void> {
  const users = await people.profiles([userId])
  for (const member of roster.memberSet) delivery.toUser(member, { type: 'conversations', conversations: [], users })
}

async function append(deps: EraseDeps, userId: UserId, conversationId: ConversationId, about: string, content: EntryContent) {
  // Keyed, so that nobody can use such an id beforehand and so keep what they wrote from being taken back (ID_REUSED).
  const key = hash('sha256', `${deps.hashKey}\nerasure ${conversationId} ${userId} ${about}`).slice(0, 32)
  const sender = { userId, deviceId: 'd_erasure', sessionId: null } as const
  const right = content.kind === 'role' ? 'member' : 'erasure'
  await deps.appenders.submit({ ...command(sender, conversationId, `erasure-${key}`, null, content, deps.hashKey), right })
}
