/** The handles that were asked for, each made once, and the drafts. */
import type { ConversationAnswer } from '@godwit/protocol/api.ts'
import type { ClientMsgId, ConversationId } from '@godwit/protocol/ids.ts'
import type { Api } from './api.ts'
import { keys } from './cache.ts'
import { ConversationHandle, type ConversationParts, change } from './conversation.ts'
import { Cell } from './live.ts'
import type { Sync } from './sync.ts'
import { ConversationTimeline } from './timeline.ts'
import type { Draft } from './types.ts'

export type HandleParts = Omit<ConversationParts, 'timeline' | 'draft' | 'saveDraft'> & { readonly sync: Pick<Sync, 'loadTail'> }

export class Handles {
  readonly #parts: HandleParts
  readonly #handles = new Map<ConversationId, ConversationHandle>()
  readonly #drafts = new Map<ConversationId, Cell<Draft | null>>()

  constructor(parts: HandleParts) {
    this.#parts = parts
  }

  /** What shows it, if anything does. */
  timeline(id: ConversationId): ConversationTimeline | undefined {
    return this.#handles.get(id)?.timeline
  }

  draft(id: ConversationId): Cell<Draft | null> {
    const draft = this.#drafts.get(id) ?? new Cell<Draft | null>(null)
    this.#drafts.set(id, draft)
    return draft
  }

  get(id: ConversationId): ConversationHandle {
    const known = this.#handles.get(id)
    if (known) return known
    const { world, outbox, sync } = this.#parts
    const timeline = new ConversationTimeline({
      id,
      world,
      commands: () => outbox.commands(id),
      loadTail: (state) => sync.loadTail(state),
    })
    const saveDraft = (draft: Draft | null) => world.cache.own(keys.draft + id, () => draft ?? undefined)
    const handle = new ConversationHandle(id, { ...this.#parts, timeline, draft: this.draft(id), saveDraft })
    this.#handles.set(id, handle)
    return handle
  }

  /** Makes a conversation on the server, or finds that it is there. */
  async open(make: (api: Api, clientMsgId: ClientMsgId) => Promise<ConversationAnswer>): Promise<ConversationHandle> {
    const { world } = this.#parts
    const { conversation, users } = await change(world, (clientMsgId) => make(world.api, clientMsgId))
    world.profiles.add(users)
    world.learn(conversation)
    return this.get(conversation.conversationId)
  }

  reset(): void {
    for (const { timeline } of this.#handles.values()) timeline.reset()
  }
}
