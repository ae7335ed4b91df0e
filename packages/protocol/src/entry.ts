/**
 * The entry: one record of a conversation's log, as it stands on the wire.
 *
 * `kind` is an open union. A client that meets a kind it does not know keeps the entry (its seq counts) and shows nothing for it.
 * A message has a clear part (`text`, `mentions`) and an opaque `body` with a content type. The clear part may be empty when the
 * body is encrypted; append, dedupe and fan-out read neither.
 */
import type { ClientMsgId, ConversationId, MessageId, UserId } from './ids.ts'

export type Role = 'owner' | 'admin' | 'member'
export type ConversationKind = 'direct' | 'group'
/** What a late joiner of a group sees: from their joining on, or everything. */
export type HistorySetting = 'joined' | 'all'

export interface Member {
  readonly userId: UserId
  readonly role: Role
}

/** What an entry says, by kind. */
export type EntryContent =
  | {
      readonly kind: 'message'
      readonly text: string
      readonly mentions?: readonly UserId[]
      readonly replyTo?: number
      readonly body?: OpaqueBody
    }
  | { readonly kind: 'edit'; readonly target: number; readonly text: string; readonly mentions?: readonly UserId[] }
  | { readonly kind: 'delete'; readonly target: number }
  | { readonly kind: 'reaction'; readonly target: number; readonly emoji: string; readonly on: boolean }
  | {
      readonly kind: 'created'
      readonly conversation: ConversationKind
      readonly name: string | null
      readonly members: readonly Member[]
      readonly history: HistorySetting
    }
  | { readonly kind: 'added'; readonly members: readonly Member[] }
  /** `userId` equals the sender when somebody leaves. */
  | { readonly kind: 'removed'; readonly userId: UserId }
  | { readonly kind: 'role'; readonly userId: UserId; readonly role: Role }
  | { readonly kind: 'renamed'; readonly name: string }
  | { readonly kind: 'settings'; readonly history: HistorySetting }

export type EntryKind = EntryContent['kind']
export type MessageContent = Extract<EntryContent, { kind: 'message' }>
/** Kinds that name a target seq and change how it is shown. */
export type AmendmentContent = Extract<EntryContent, { target: number }>
/** Kinds that the membership fold reads. */
export type MembershipContent = Extract<EntryContent, { kind: 'created' | 'added' | 'removed' | 'role' | 'renamed' | 'settings' }>

export interface OpaqueBody {
  readonly type: string
  /** base64 */
  readonly data: string
}

export interface EntryHeader {
  readonly conversationId: ConversationId
  readonly seq: number
  /** Snowflake of the entry, decimal. */
  readonly messageId: MessageId
  /** Unix ms of the server at the append; never decreases within a conversation. */
  readonly at: number
  readonly senderId: UserId
  readonly clientMsgId: ClientMsgId
  /** Messages in seq 1..this, this one included: unread is a difference of two counts (L8). */
  readonly count: number
  /** seq of the last membership entry at or before this one. */
  readonly membershipSeq: number
}

/** An entry as it was appended. */
export type Entry = EntryHeader & EntryContent

/** How later entries have changed a message, as of `FoldedEntry.asOf`. */
export interface Amended {
  readonly edited?: { readonly seq: number; readonly at: number }
  readonly deleted?: { readonly seq: number; readonly at: number; readonly by: UserId }
  readonly reactions?: readonly Reaction[]
}

export interface Reaction {
  readonly emoji: string
  readonly by: readonly { readonly userId: UserId; readonly seq: number }[]
}

/** An entry with its amendments folded in: an edited message has the new text, a deleted one has none. */
export type FoldedEntry = Entry & Amended

const amendmentKinds: ReadonlySet<string> = new Set<AmendmentContent['kind']>(['edit', 'delete', 'reaction'])
const membershipKinds: ReadonlySet<string> = new Set<MembershipContent['kind']>([
  'created',
  'added',
  'removed',
  'role',
  'renamed',
  'settings',
])

export function isAmendment<T extends EntryContent>(entry: T): entry is T & AmendmentContent {
  return amendmentKinds.has(entry.kind)
}

export function isMembership<T extends EntryContent>(entry: T): entry is T & MembershipContent {
  return isMembershipKind(entry.kind)
}

export function isMembershipKind(kind: string): kind is MembershipContent['kind'] {
  return membershipKinds.has(kind)
}
