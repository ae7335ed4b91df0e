import type { ConversationId } from '@godwit/protocol/ids.ts'
import { withoutText } from '@godwit/server/ports/without-text.ts'
import { amendmentsOf } from './amendments-of.ts'
import { currentBucket, type SearchDeps } from './current-bucket.ts'

/** Each row by a write of its own; a crash leaves some, and the sweep comes again. */
export async function blank(deps: SearchDeps, conversationId: ConversationId, target: number): Promise<void> {
  const { buckets } = deps.tables
  const head = (await currentBucket(deps, conversationId))?.head.seq ?? 0
  const [message] = target <= head ? await buckets.entries(conversationId, [target]) : []
  if (message?.kind !== 'message') return
  const edits = (await amendmentsOf(deps.tables, conversationId, [target], head)).filter(({ kind }) => kind === 'edit')
  await Promise.all([message, ...edits].map((entry) => buckets.blank(withoutText(entry))))
}
