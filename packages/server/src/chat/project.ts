import { limits } from '@godwit/protocol/limits.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Standing } from './standing.ts'

/**
 * Brings the stored projection up to `standing`, also when another has projected since it was loaded, and never takes it back. It carries
 * the time of now (Unix ms): who is a member by it alone is told by the next resume, though the mark have passed the entry (L7).
 * Answers the `applied` that the next change is projected on.
 */
export async function project(conversations: Conversations, { roster, projected }: Standing, now: number): Promise<number> {
  const state = { ...roster.state, changedAt: Math.max(roster.state.changedAt, now) }
  let expected = projected
  for (let attempt = 0; attempt < limits.appendAttemptsMax && expected < state.applied; attempt++) {
    if (await conversations.project(expected, state)) return state.applied
    expected = (await conversations.load(state.conversationId))?.applied ?? 0
  }
  return Math.min(expected, state.applied)
}
