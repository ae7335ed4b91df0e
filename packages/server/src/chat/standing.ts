/**
 * The state of a conversation as its log tells it: the head, and the projection brought up to that head (L1).
 */
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Head, MessageLog } from '../ports/message-log.ts'
import { applyMembership, type MembershipEntry, Roster } from './roster.ts'

export interface Standing {
  readonly head: Head
  readonly roster: Roster
  /** `applied` of the stored projection; 0 when there is none. */
  readonly projected: number
}

/** null: nothing was ever appended. One trip, or two when the projection lags. */
export async function loadStanding(
  log: MessageLog,
  conversations: Conversations,
  conversationId: ConversationId,
): Promise<Standing | null> {
  for (let attempt = 0; attempt < limits.appendAttemptsMax; attempt++) {
    const [[head], state] = await Promise.all([log.heads([conversationId]), conversations.load(conversationId)])
    if (!head) return null
    const applied = state?.applied ?? 0
    // The two were read in parallel: a projection beyond the head belongs to a newer head, so both are read again.
    if (applied > head.seq) continue
    let roster = state ? new Roster(state) : null
    if (head.membershipSeq > applied) {
      const entries = await log.membershipEntries(conversationId, applied, head.seq)
      for (const entry of entries) roster = applyMembership(roster, entry as MembershipEntry)
    }
    if (!roster) throw new Error(`conversation ${conversationId} has a head and no members`)
    return { head, roster, projected: applied }
  }
  throw new GodwitError('UNKNOWN_OUTCOME')
}
