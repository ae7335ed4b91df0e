import type { ConversationRow } from '@godwit/client'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Anchor } from './anchor.ts'
import type { Goal } from './use-scroll.ts'

/** Where each conversation was left: null at its end. */
export type Places = Map<ConversationId, Anchor | null>

/** Where a conversation opens: at the message of the URL, else at the first unread, else where it was left, else at its end. */
export function startGoal(row: ConversationRow, target: number | null, left: Anchor | null | undefined): Goal {
  if (target !== null) return { to: 'seq', seq: target, at: 'centre' }
  if (row.unread > 0) return { to: 'seq', seq: row.read + 1, at: 'divider' }
  if (left) return { to: 'anchor', anchor: left }
  return { to: 'end' }
}
