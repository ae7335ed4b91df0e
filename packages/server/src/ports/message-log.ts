import type { Entry, EntryContent } from '@godwit/protocol/entry.ts'
import type { ClientMsgId, ConversationId, MessageId, UserId } from '@godwit/protocol/ids.ts'

/**
 * The durable, ordered log of every conversation, and the only thing that decides order and duplicates (L1-L4).
 *
 * Contract, proven by `conformance/message-log.ts`:
 * - `append` is atomic: all of its entries or none, at head+1 .. head+n, and durable (fsynced; a quorum) when it answers.
 * - It applies iff the head equals `expectedHead` and none of the ids is in the conversation's log. Ids are remembered for ever.
 *   Where both fail the verdict is `head-moved`. A batch that is empty, too large or holds an id twice is a mistake of the caller: it throws.
 * - A store whose logs stand in several places may end a place behind any head: a batch that would go into two is answered `no-room`. One
 *   entry always has room.
 * - What stands at a seq never changes, except that `blank` takes its text away. An amendment's target is a lower seq.
 * - An `append` that throws has an unknown outcome: it may have been applied, may be applied later, or never (L4).
 * - Reads see at least every append that was answered before they began.
 */
export interface MessageLog {
  append(conversationId: ConversationId, expectedHead: number, entries: readonly NewEntry[]): Promise<AppendVerdict>

  /** The head of each conversation, or `null` where nothing was ever appended. In the order asked. */
  heads(conversationIds: readonly ConversationId[]): Promise<readonly (Head | null)[]>

  /**
   * Entries with `from <= seq <= to`, rising, at most `limit` from the low end (`direction: 'up'`) or the high end (`'down'`),
   * every amendment up to the head whose target is among them, and the head as of which this is one snapshot.
   */
  read(conversationId: ConversationId, range: ReadRange): Promise<ReadResult>

  /** What is stored under each client message id, or `null`. In the order asked. */
  find(conversationId: ConversationId, keys: readonly CommandKey[]): Promise<readonly (StoredId | null)[]>

  /** Membership entries with `after < seq <= upTo`, rising: what the membership fold needs. */
  membershipEntries(conversationId: ConversationId, after: number, upTo: number): Promise<readonly Entry[]>

  /**
   * For each question: messages in (`after`, `upTo`], among the newest `unreadEntriesMax` entries of it, not sent by `userId` and not
   * the target of a `delete`, counted to `unreadMax` + 1 from the newest down; and how many of those mention `userId` in their newest text (L8). All as of `upTo`: what
   * was appended since changes nothing, so that the answer belongs to the head that was read before.
   */
  unread(questions: readonly UnreadQuestion[]): Promise<readonly UnreadCount[]>

  /** Takes text, mentions and body away from the message at `target` and from every edit of it (a deletion). Idempotent. */
  blank(conversationId: ConversationId, target: number): Promise<void>
}

/** An entry before it has a place: seq, count and membershipSeq are decided by the append, from the head. */
export interface NewEntry {
  readonly messageId: MessageId
  readonly at: number
  readonly senderId: UserId
  readonly clientMsgId: ClientMsgId
  /** Keyed hash of the command, hex: tells a retry from a reuse of the id (ID_REUSED). */
  readonly bodyHash: string
  readonly content: EntryContent
}

export type AppendVerdict =
  /** Applied at expectedHead+1 .. expectedHead+n; `head` is the new one. */
  | { readonly verdict: 'appended'; readonly head: Head }
  /** Not applied: the head is another. */
  | { readonly verdict: 'head-moved' }
  /** Not applied: these ids of the batch are in the log already. */
  | { readonly verdict: 'known'; readonly known: readonly StoredId[] }
  /** Not applied, whatever the head is: behind `expectedHead` the first `room` entries, at least one, go into one append. */
  | { readonly verdict: 'no-room'; readonly room: number }

export interface Head {
  readonly seq: number
  /** Messages in 1..seq. */
  readonly count: number
  /** seq of the last membership entry. */
  readonly membershipSeq: number
  /** Unix ms of the last entry. */
  readonly at: number
}

export interface ReadRange {
  readonly from: number
  readonly to: number
  readonly limit: number
  readonly direction: 'up' | 'down'
}

export interface ReadResult {
  readonly entries: readonly Entry[]
  readonly amendments: readonly Entry[]
  readonly head: Head | null
}

export interface CommandKey {
  readonly senderId: UserId
  readonly clientMsgId: ClientMsgId
}

export interface StoredId extends CommandKey {
  readonly seq: number
  readonly messageId: MessageId
  readonly at: number
  readonly bodyHash: string
}

export interface UnreadQuestion {
  readonly conversationId: ConversationId
  readonly userId: UserId
  readonly after: number
  readonly upTo: number
}

export interface UnreadCount {
  readonly unread: number
  readonly mentions: number
}
