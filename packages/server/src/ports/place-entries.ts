/** How an append numbers its entries: the one place that decides it, for whoever judges a batch and for every backend. */
import { type Entry, isMembershipKind } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { CommandKey, Head, NewEntry } from './message-log.ts'

export const emptyHead: Head = { seq: 0, count: 0, membershipSeq: 0, at: 0 }

/** What the append decides of an entry of this kind behind `head`. */
export function placeBehind(head: Head, kind: string): Pick<Entry, 'seq' | 'count' | 'membershipSeq'> {
  const seq = head.seq + 1
  const count = head.count + (kind === 'message' ? 1 : 0)
  return { seq, count, membershipSeq: isMembershipKind(kind) ? seq : head.membershipSeq }
}

/** The entry in its place behind `head`. */
export function placeEntry(conversationId: ConversationId, head: Head, entry: NewEntry): Entry {
  const { messageId, at, senderId, clientMsgId, content } = entry
  const { seq, count, membershipSeq } = placeBehind(head, content.kind)
  return { ...content, conversationId, seq, messageId, at, senderId, clientMsgId, count, membershipSeq }
}

/** The head when `entry` is the last. */
export function headAt({ seq, count, membershipSeq, at }: Entry): Head {
  return { seq, count, membershipSeq, at }
}

/** The entries of one append, checked. */
export function placeEntries(
  conversationId: ConversationId,
  head: Head,
  entries: readonly NewEntry[],
): { readonly placed: readonly Entry[]; readonly head: Head } {
  checkBatch(entries)
  let last = head
  const placed = entries.map((entry) => {
    const one = placeEntry(conversationId, last, entry)
    last = headAt(one)
    return one
  })
  return { placed, head: last }
}

/** Throws on a batch that no appender may build: empty, over `appendEntriesMax`, or with an id twice. */
export function checkBatch(entries: readonly CommandKey[]): void {
  if (entries.length === 0) throw new Error('an append needs at least one entry')
  if (entries.length > limits.appendEntriesMax)
    throw new Error(`an append holds at most ${limits.appendEntriesMax} entries (appendEntriesMax)`)
  if (entries.length === 1) return
  const keys = new Set(entries.map(({ senderId, clientMsgId }) => `${senderId} ${clientMsgId}`))
  if (keys.size < entries.length) throw new Error('an append holds each client message id once')
}
