/**
 * What the gateway and the HTTP routes ask of `chat`. Every method takes the principal first, and every refusal is a thrown
 * `GodwitError`. Access is decided inside, by `access.ts` alone (L11).
 */
import type { ConversationAnswer, ConversationList, CursorAnswer, Members, Page, Receipts, Sent } from '@godwit/protocol/api.ts'
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { HistorySetting, Role } from '@godwit/protocol/entry.ts'
import type { ClientMsgId, ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'
import type { AppendFrame, UpFrameOf } from '@godwit/protocol/up.ts'

/** Who asks: what `authenticate()` answers. */
export interface Principal {
  readonly userId: UserId
  readonly deviceId: DeviceId
}

/** Who sends, and on which live session (null over HTTP). */
export interface Sender extends Principal {
  readonly sessionId: string | null
}

export type GroupChange =
  | { readonly change: 'add'; readonly members: readonly UserId[] }
  | { readonly change: 'remove'; readonly userId: UserId }
  | { readonly change: 'role'; readonly userId: UserId; readonly role: Role }
  | { readonly change: 'rename'; readonly name: string }
  | { readonly change: 'history'; readonly history: HistorySetting }

export interface NewGroup {
  readonly clientMsgId: ClientMsgId
  readonly name: string
  readonly members: readonly UserId[]
  readonly history: HistorySetting
}

export interface PageQuery {
  readonly after?: number | undefined
  readonly before?: number | undefined
  readonly around?: number | undefined
  readonly limit?: number | undefined
}

export interface ErasedPage {
  /** Entries up to here are done. */
  readonly seq: number
  /** Of the user, on this page. */
  readonly messages: number
  /** Nothing is left behind it, and nothing can come. */
  readonly isLast: boolean
}

export interface Chat {
  /** Appends a message, edit, deletion or reaction. The heart: `send-message.ts`. */
  send(sender: Sender, frame: AppendFrame): Promise<Sent>

  /** One per pair; the same id whoever starts it, and however often. */
  openDirect(sender: Sender, otherId: UserId): Promise<ConversationAnswer>
  createGroup(sender: Sender, group: NewGroup): Promise<ConversationAnswer>
  changeGroup(sender: Sender, conversationId: ConversationId, clientMsgId: ClientMsgId, change: GroupChange): Promise<Sent>

  page(principal: Principal, conversationId: ConversationId, query: PageQuery): Promise<Page>
  list(
    principal: Principal,
    query: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  ): Promise<ConversationList>
  conversation(principal: Principal, conversationId: ConversationId): Promise<ConversationAnswer>
  members(principal: Principal, conversationId: ConversationId): Promise<Members>
  setFlags(principal: Principal, conversationId: ConversationId, flags: Partial<ConversationFlags>): Promise<ConversationAnswer>

  /** L7. The caller has registered the session and buffers live entries until the answer is on its way. */
  resume(principal: Principal, frame: UpFrameOf<'resume'>): Promise<DownFrameOf<'resumed'> | DownFrameOf<'reset'>>
  /** What changed since the mark, for the heartbeat (L6). */
  changes(principal: Principal, mark: string | null): Promise<DownFrameOf<'pong'>>

  /** Moves a cursor of the principal (L8); the answer is durable. Refuses one above the head with CURSOR_AHEAD. */
  advance(principal: Principal, conversationId: ConversationId, seq: number, status: 'delivered' | 'read'): Promise<void>
  /** The principal's own reading. */
  cursor(principal: Principal, conversationId: ConversationId): Promise<CursorAnswer>
  receipts(principal: Principal, conversationId: ConversationId, seq: number): Promise<Receipts>
  /** The aggregate a watcher of a group starts from; null for `direct`. */
  receiptsNow(principal: Principal, conversationId: ConversationId): Promise<DownFrameOf<'receipts'> | null>

  /** Throws FORBIDDEN unless the principal is a member now: for `watch` and `typing`. Answers the members. */
  currentMembers(principal: Principal, conversationId: ConversationId): Promise<ReadonlySet<UserId>>
  /** Those of `others` whose presence the principal may see: they share a conversation, and neither has blocked the other. */
  visible(principal: Principal, others: readonly UserId[]): Promise<readonly UserId[]>
  /**
   * For the erasure of a user: leaves the conversation in their name, and takes back what they wrote in the next entries behind
   * `after`, each message by a deletion that all may see. The same page again changes nothing.
   */
  eraseFrom(userId: UserId, conversationId: ConversationId, after: number): Promise<ErasedPage>
  /** Those that the user is a member of now, as far as the projection knows. */
  currentConversations(userId: UserId): Promise<readonly ConversationId[]>
  /** Conversations of the user that are muted or archived: a session gets debounced heads for these. */
  quietConversations(principal: Principal): Promise<ReadonlySet<ConversationId>>
}
