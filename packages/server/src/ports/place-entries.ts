import { type Entry, isMembership } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Head, NewEntry } from './message-log.ts'

export const emptyHead: Head = { seq: 0, count: 0, membershipSeq: 0, at: 0 }

/**
 * Gives the entries of one append their places behind `head`: seq, running count and membershipSeq. Pure, and shared by all
 * backends, so that they cannot number differently. Throws on a batch that no appender may build: empty, over
 * `appendEntriesMax`, or with an id twice.
 */
export function placeEntries(
  conversationId: ConversationId,
  head: Head,
  entries: readonly NewEntry[],
): { readonly placed: readonly Entry[]; readonly head: Head } {
  checkBatch(entries)
  let { seq, count, membershipSeq, at } = head
  const placed = entries.map((entry): Entry => {
    seq += 1
    if (entry.content.kind === 'message') count += 1
    if (isMembership(entry.content)) membershipSeq = seq
    at = entry.at
    const { messageId, senderId, clientMsgId } = entry
    return { ...entry.content, conversationId, seq, messageId, at, senderId, clientMsgId, count, membershipSeq }
  })
  return { placed, head: { seq, count, membershipSeq, at } }
}

function checkBatch(entries: readonly NewEntry[]): void {
  if (entries.length === 0) throw new Error('an append needs at least one entry')
  if (entries.length > limits.appendEntriesMax)
    throw new Error(`an append holds at most ${limits.appendEntriesMax} entries (appendEntriesMax)`)
  if (entries.length === 1) return
  const keys = new Set(entries.map(({ senderId, clientMsgId }) => `${senderId} ${clientMsgId}`))
  if (keys.size < entries.length) throw new Error('an append holds each client message id once')
}
