/**
 * What an application sees of Godwit. Types only.
 *
 * State comes as `Live` values: `get()` answers the same reference until something changed, so
 * `useSyncExternalStore(live.subscribe, live.get)` works as it stands. What happens comes as `ClientEvent`s.
 * Handles are had at once, without waiting for the network; the cache paints first.
 */
import type { Device, Me, MePatch, Page, Receipts, Tokens } from '@godwit/protocol/api.ts'
import type { Presence } from '@godwit/protocol/down.ts'
import type {
  AmendmentContent,
  ConversationKind,
  Entry,
  FoldedEntry,
  HistorySetting,
  MembershipContent,
  MessageContent,
  Reaction,
  Role,
} from '@godwit/protocol/entry.ts'
import type { ErrorCode, GodwitError } from '@godwit/protocol/errors.ts'
import type { ClientMsgId, ConversationId, MessageId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags, UserProfile } from '@godwit/protocol/summary.ts'

/** A value that changes. Both functions may be passed around unbound. */
export interface Live<T> {
  /** The present value: the same reference until it changes. */
  readonly get: () => T
  /** Calls `listener` after each change. Returns what ends it. */
  readonly subscribe: (listener: () => void) => () => void
}

/** What register and login answer, and the store keeps. */
export type Session = Tokens

export type ConnectionState =
  /** `connect()` has not been called, or `close()` has. */
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  /** `syncing` until everything missed has been reported. */
  | { readonly status: 'online'; readonly transport: 'websocket' | 'poll'; readonly syncing: boolean }
  /** Waiting to try again; `retryAt` in Unix ms. `wake()` tries at once. */
  | { readonly status: 'offline'; readonly attempt: number; readonly retryAt: number; readonly reason: string }
  /** Signed out here or elsewhere: log in again. */
  | { readonly status: 'signed-out'; readonly reason: 'signed-out' | 'revoked' | 'no-session' }
  /** The server refuses this client for good (close codes 4200-4299). */
  | { readonly status: 'stopped'; readonly code: number; readonly reason: string }

/** A row of the conversation list. */
export interface ConversationRow {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  /** The group's name, or the display name of the other one. */
  readonly title: string
  readonly name: string | null
  readonly peerId: UserId | null
  /** null when one has left or was removed: then it is read-only. */
  readonly role: Role | null
  readonly memberCount: number
  readonly history: HistorySetting
  /** First and last seq one is entitled to see. */
  readonly first: number
  readonly head: number
  /** Unix ms; of the newest entry, or of an unsent message if that is newer. */
  readonly lastActivityAt: number
  /** The newest message; the optimistic one while it is under way. */
  readonly preview: Preview | null
  readonly read: number
  /** To 999 exact; 1,000 means more (L8). */
  readonly unread: number
  readonly mentions: number
  readonly flags: ConversationFlags
  /** `direct`: how far the other one has received and read, for the ticks. */
  readonly peer: { readonly delivered: number; readonly read: number } | null
  readonly draft: Draft | null
  /** One of one's messages here was refused and waits for Retry or Delete. */
  readonly failed: boolean
}

export interface Preview {
  readonly seq: number | null
  readonly senderId: UserId
  readonly text: string
  readonly at: number
  readonly delivery: DeliveryState
}

export interface UnreadTotals {
  /** Unread messages in conversations that are neither muted nor archived. */
  readonly messages: number
  /** Such conversations that have unread messages. */
  readonly conversations: number
  /** Mentions, in muted conversations too. */
  readonly mentions: number
}

/** Text as typed, and what it answers. */
export interface Draft {
  readonly text: string
  readonly replyTo?: number
  /** seq of the message that is being edited. */
  readonly editing?: number
}

/** queued: stored here. sending: on its way. sent: in the log. failed: refused for good, waits for Retry or Delete. */
export type DeliveryState = 'queued' | 'sending' | 'sent' | 'failed'

export interface Failure {
  /** `STALE`: unsent for more than a day, so it asks before going out. */
  readonly code: ErrorCode | 'STALE'
  readonly message: string
}

/** Something of one's own that is not in the log yet. */
export interface OutboxItem {
  readonly conversationId: ConversationId
  readonly clientMsgId: ClientMsgId
  readonly content: MessageContent | AmendmentContent
  /** Unix ms of this device. */
  readonly createdAt: number
  readonly delivery: Exclude<DeliveryState, 'sent'>
  readonly failure: Failure | null
}

/** Where the log has it. */
export interface Acked {
  readonly conversationId: ConversationId
  readonly clientMsgId: ClientMsgId
  readonly messageId: MessageId
  readonly seq: number
  /** Unix ms of the server. */
  readonly at: number
}

export interface Sending {
  /** The optimistic row, as the timeline shows it from now on. */
  readonly item: TimelineItem
  readonly clientMsgId: ClientMsgId
  /** Settles when it would survive a crash of this device. */
  readonly stored: Promise<void>
  /** Settles when it is in the log, however long that takes. Rejects with a `GodwitError` when refused for good or taken back. */
  readonly acked: Promise<Acked>
}

/** A row of a timeline. Edits, deletions and reactions are folded into their messages and have no row. */
export interface TimelineItem {
  /** The same while a message goes from optimistic to sent. */
  readonly key: string
  /** null until it is in the log. */
  readonly seq: number | null
  readonly clientMsgId: ClientMsgId
  readonly senderId: UserId
  readonly mine: boolean
  /** Unix ms; of this device until the log has it. */
  readonly at: number
  readonly content: MessageContent | MembershipContent
  readonly edited: boolean
  readonly deleted: { readonly by: UserId } | null
  readonly reactions: readonly Reaction[]
  readonly delivery: DeliveryState
  readonly failure: Failure | null
  /** An edit, deletion or reaction of one's own is shown that the log does not have yet. */
  readonly pendingChange: boolean
}

export interface TimelineState {
  /** Rising in seq; unsent ones last. An unchanged row keeps its reference. */
  readonly items: readonly TimelineItem[]
  /** The window ends at the newest entry, and follows it. */
  readonly atPresent: boolean
  readonly hasOlder: boolean
  readonly hasNewer: boolean
  readonly loading: 'older' | 'newer' | 'jump' | null
  /** The last load failed; the next one clears it. */
  readonly error: GodwitError | null
}

/** A contiguous window of a conversation. At most `clientTimelineRowsMax` rows are held: loading at one end drops at the other. */
export interface Timeline extends Live<TimelineState> {
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  /** Loads the window around a seq. */
  jumpTo(seq: number): Promise<void>
  toPresent(): Promise<void>
}

export interface HistoryQuery {
  /** At most one of these three; none is the newest page. */
  readonly before?: number
  readonly after?: number
  readonly around?: number
  /** 1 to 200; 50 when left out. */
  readonly limit?: number
}

export interface NewMessage {
  /** Up to 16 KiB of UTF-8. */
  readonly text: string
  /** seq of the message this answers. */
  readonly replyTo?: number
  readonly mentions?: readonly UserId[]
}

export interface MemberProfile extends UserProfile {
  readonly role: Role
}

/** A group's receipts while it is watched: [seq, members whose cursor is at or beyond it], falling in seq. */
export interface GroupReceipts {
  readonly members: number
  readonly delivered: readonly (readonly [seq: number, members: number])[]
  readonly read: readonly (readonly [seq: number, members: number])[]
}

/** A conversation, to be had at once by its id. */
export interface Conversation {
  readonly id: ConversationId
  /** null until the device knows it. */
  readonly row: Live<ConversationRow | null>
  /** Starts with the cached end of the log; loads the present by itself when it is first subscribed. */
  readonly timeline: Timeline
  /** Who is typing now, oneself left out. Needs a watch. */
  readonly typists: Live<readonly UserId[]>
  /** Aggregates of a group. Needs a watch. */
  readonly groupReceipts: Live<GroupReceipts | null>

  send(message: NewMessage): Sending
  edit(seq: number, text: string, mentions?: readonly UserId[]): Sending
  delete(seq: number): Sending
  react(seq: number, emoji: string, on: boolean): Sending
  /** Sends a failed item again. */
  retry(clientMsgId: ClientMsgId): void
  /** Takes an item back that has failed, or that never left this device. */
  discard(clientMsgId: ClientMsgId): void

  /** A page from the server, folded; up to 200. */
  history(query?: HistoryQuery): Promise<Page>
  /** Everything up to `seq` is read. Moves forward only, and works offline. */
  markRead(seq: number): void
  /** It is on the screen: typing and receipts come from now on. Returns what ends it. */
  watch(): () => void
  /** Call on every key stroke; frames are throttled. `false` when the composer is cleared. */
  setTyping(on: boolean): void

  members(): Promise<readonly MemberProfile[]>
  /** Who has received and read a message. */
  receipts(seq: number): Promise<Receipts>
  addMembers(userIds: readonly UserId[]): Promise<void>
  removeMember(userId: UserId): Promise<void>
  leave(): Promise<void>
  setRole(userId: UserId, role: Role): Promise<void>
  rename(name: string): Promise<void>
  setHistory(history: HistorySetting): Promise<void>
  setFlags(flags: Partial<ConversationFlags>): Promise<void>

  readonly draft: Live<Draft | null>
  /** Kept in the store; null or empty text clears it. */
  setDraft(draft: Draft | null): void
}

export type ClientEvent =
  | { readonly type: 'connection'; readonly connection: ConnectionState }
  /** Everything missed has been reported. Once a connection. */
  | { readonly type: 'synced' }
  /** The server's log was restored from a backup: drop what was kept of it. What follows starts anew. */
  | { readonly type: 'reset' }
  /** A row of the list is new or has changed. */
  | { readonly type: 'conversation'; readonly conversation: ConversationRow }
  /**
   * An entry of the log: each one once, in order within its conversation, one's own included. `asOf` is the head as of which it
   * is folded: amendments up to there are in it already. `live` is false for what happened while this device was away.
   */
  | {
      readonly type: 'entry'
      readonly conversationId: ConversationId
      readonly entry: FoldedEntry
      readonly asOf: number
      readonly live: boolean
    }
  /** A message that this device holds has changed; `message` is as it stands now. */
  | {
      readonly type: 'message.updated'
      readonly conversationId: ConversationId
      readonly message: FoldedEntry
      readonly by: Entry & AmendmentContent
    }
  | { readonly type: 'typing'; readonly conversationId: ConversationId; readonly userIds: readonly UserId[] }
  | { readonly type: 'presence'; readonly users: readonly Presence[] }
  | {
      readonly type: 'receipt'
      readonly conversationId: ConversationId
      readonly userId: UserId
      readonly delivered: number
      readonly read: number
    }
  | { readonly type: 'receipts'; readonly conversationId: ConversationId; readonly receipts: GroupReceipts }
  | {
      readonly type: 'unread'
      readonly conversationId: ConversationId
      readonly unread: number
      readonly mentions: number
      readonly totals: UnreadTotals
    }
  | { readonly type: 'outbox'; readonly item: OutboxItem; readonly change: 'added' | 'changed' | 'acked' | 'removed' }
  /** Signed out, here or elsewhere. */
  | { readonly type: 'session'; readonly status: 'signed-out'; readonly reason: 'signed-out' | 'revoked' }
  /** Something went wrong that no promise tells of. */
  | { readonly type: 'error'; readonly error: GodwitError }

export type ClientEventOf<T extends ClientEvent['type']> = Extract<ClientEvent, { readonly type: T }>

export interface Client {
  /** Who this is; null until known. */
  readonly userId: UserId | null
  readonly connection: Live<ConnectionState>
  /** Pinned first, then by last activity. */
  readonly conversations: Live<readonly ConversationRow[]>
  readonly unread: Live<UnreadTotals>
  readonly outbox: Live<readonly OutboxItem[]>
  readonly profiles: Live<ReadonlyMap<UserId, UserProfile>>
  readonly presence: Live<ReadonlyMap<UserId, Presence>>

  /** Paints from the store; settles when the cache is loaded. Called by `connect`; alone, it stays offline. */
  load(): Promise<void>
  /** Loads, connects, and stays connected. Settles when the first sync is done; rejects when signed out or refused for good. */
  connect(): Promise<void>
  /** Disconnects and flushes the store. `connect` may follow. */
  close(): Promise<void>
  /** Try now: the network is back, the tab is visible, the machine woke up. In browsers this happens by itself. */
  wake(): void
  /** `false`: the screen is off or the tab is hidden; then no typing and presence comes. */
  setActive(active: boolean): void
  /** Revokes this device and forgets everything in the store, unsent messages included. */
  signOut(): Promise<void>

  on<T extends ClientEvent['type']>(type: T, handler: (event: ClientEventOf<T>) => void): () => void
  on(type: '*', handler: (event: ClientEvent) => void): () => void

  conversation(id: ConversationId): Conversation
  /** The one conversation with that user, made if need be. */
  openDirect(userId: UserId): Promise<Conversation>
  createGroup(group: {
    readonly name: string
    readonly members: readonly UserId[]
    readonly history?: HistorySetting
  }): Promise<Conversation>
  /** By exact name; null when there is nobody. */
  findUser(name: string): Promise<UserProfile | null>
  /** Fetches profiles that are not known yet into `profiles`. */
  loadProfiles(userIds: readonly UserId[]): Promise<void>
  /** Whose presence is on the screen; replaces the users before. */
  watchUsers(userIds: readonly UserId[]): void

  me(): Promise<Me>
  updateMe(patch: MePatch): Promise<Me>
  changePassword(password: string, newPassword: string): Promise<void>
  devices(): Promise<readonly Device[]>
  revokeDevice(deviceId: string): Promise<void>
  blocks(): Promise<readonly UserProfile[]>
  block(userId: UserId): Promise<void>
  unblock(userId: UserId): Promise<void>
}
