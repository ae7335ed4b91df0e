/** The handle of one conversation: what an application does with it. */
import type { Page, Receipts } from '@godwit/protocol/api.ts'
import type { HistorySetting, Role } from '@godwit/protocol/entry.ts'
import type { ClientMsgId, ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'
import { uuid } from './clock.ts'
import type { Cursors } from './cursors.ts'
import type { Cell } from './live.ts'
import type { Outbox } from './outbox.ts'
import type { CommandContent } from './outbox-item.ts'
import { persist } from './persist.ts'
import type { Rows } from './rows.ts'
import type { ConversationTimeline } from './timeline.ts'
import type {
  Conversation,
  ConversationRow,
  Draft,
  GroupReceipts,
  HistoryQuery,
  Live,
  MemberProfile,
  NewMessage,
  Sending,
} from './types.ts'
import type { Watching } from './watching.ts'
import type { World } from './world.ts'

const attemptsMax = 5

export interface ConversationParts {
  readonly world: World
  readonly outbox: Outbox
  readonly rows: Rows
  readonly watching: Watching
  readonly cursors: Cursors
  readonly timeline: ConversationTimeline
  readonly draft: Cell<Draft | null>
  readonly saveDraft: (draft: Draft | null) => void
}

export class ConversationHandle implements Conversation {
  readonly id: ConversationId
  readonly row: Live<ConversationRow | null>
  readonly timeline: ConversationTimeline
  readonly typists: Live<readonly UserId[]>
  readonly groupReceipts: Live<GroupReceipts | null>
  readonly draft: Live<Draft | null>
  readonly #p: ConversationParts

  constructor(id: ConversationId, parts: ConversationParts) {
    this.id = id
    this.row = parts.rows.row(id)
    this.timeline = parts.timeline
    this.typists = parts.watching.typists(id)
    this.groupReceipts = parts.watching.receipts(id)
    this.draft = parts.draft
    this.#p = parts
  }

  send({ text, replyTo, mentions }: NewMessage): Sending {
    this.#p.watching.typingEnded(this.id)
    return this.#add({ kind: 'message', text, ...some({ mentions, replyTo }) })
  }

  edit(seq: number, text: string, mentions?: readonly UserId[]): Sending {
    return this.#add({ kind: 'edit', target: seq, text, ...some({ mentions }) })
  }

  delete(seq: number): Sending {
    return this.#add({ kind: 'delete', target: seq })
  }

  react(seq: number, emoji: string, on: boolean): Sending {
    return this.#add({ kind: 'reaction', target: seq, emoji, on })
  }

  retry(clientMsgId: ClientMsgId): void {
    this.#p.outbox.retry(this.id, clientMsgId)
  }

  discard(clientMsgId: ClientMsgId): void {
    this.#p.outbox.discard(this.id, clientMsgId)
  }

  async history(query: HistoryQuery = {}): Promise<Page> {
    const page = await this.#p.world.api.page(this.id, query)
    this.#p.world.profiles.add(page.users)
    return page
  }

  markRead(seq: number): void {
    const { world, cursors } = this.#p
    const state = world.states.get(this.id)
    if (!state?.markRead(seq)) return
    cursors.read(this.id, state.unread.read)
    world.changed(this.id)
  }

  watch(): () => void {
    return this.#p.watching.watch(this.id)
  }

  setTyping(on: boolean): void {
    this.#p.watching.setTyping(this.id, on)
  }

  async members(): Promise<readonly MemberProfile[]> {
    const { members } = await this.#p.world.api.members(this.id)
    this.#p.world.profiles.add(members.map(({ userId, name, displayName }) => ({ userId, name, displayName })))
    return members
  }

  receipts(seq: number): Promise<Receipts> {
    return this.#p.world.api.receipts(this.id, seq)
  }

  addMembers(members: readonly UserId[]): Promise<void> {
    return this.#change((clientMsgId) => this.#p.world.api.addMembers(this.id, { clientMsgId, members }))
  }

  removeMember(userId: UserId): Promise<void> {
    return this.#change((clientMsgId) => this.#p.world.api.removeMember(this.id, userId, { clientMsgId }))
  }

  leave(): Promise<void> {
    return this.removeMember(this.#p.world.me())
  }

  setRole(userId: UserId, role: Role): Promise<void> {
    return this.#change((clientMsgId) => this.#p.world.api.setRole(this.id, userId, { clientMsgId, role }))
  }

  rename(name: string): Promise<void> {
    return this.#change((clientMsgId) => this.#p.world.api.patchGroup(this.id, { clientMsgId, name }))
  }

  setHistory(history: HistorySetting): Promise<void> {
    return this.#change((clientMsgId) => this.#p.world.api.patchGroup(this.id, { clientMsgId, history }))
  }

  async setFlags(flags: Partial<ConversationFlags>): Promise<void> {
    const { conversation, users } = await this.#p.world.api.setFlags(this.id, flags)
    this.#p.world.profiles.add(users)
    this.#p.world.learn(conversation)
  }

  setDraft(draft: Draft | null): void {
    const kept = draft && (draft.text !== '' || draft.replyTo !== undefined) ? draft : null
    this.#p.draft.set(kept)
    this.#p.saveDraft(kept)
    this.#p.world.changed(this.id)
  }

  #add(content: CommandContent): Sending {
    const { command, stored } = this.#p.outbox.add(this.id, content)
    return { item: this.timeline.unsent(command), clientMsgId: command.stored.clientMsgId, stored, acked: command.acked }
  }

  async #change(run: (clientMsgId: ClientMsgId) => Promise<unknown>): Promise<void> {
    await change(this.#p.world, run)
  }
}

/** Repeats a change with the same id while its outcome is unknown: done twice is done once (L3). */
export function change<T>({ clock }: World, run: (clientMsgId: ClientMsgId) => Promise<T>): Promise<T> {
  const clientMsgId = uuid(clock)
  return persist(
    clock,
    (attempt) => attempt < attemptsMax,
    () => run(clientMsgId),
  )
}

function some({ mentions, replyTo }: { mentions?: readonly UserId[] | undefined; replyTo?: number | undefined }) {
  return { ...(mentions && mentions.length > 0 ? { mentions } : {}), ...(replyTo === undefined ? {} : { replyTo }) }
}
