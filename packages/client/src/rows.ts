/** The conversation list, its rows and totals: computed when looked at, kept until something of theirs changes. */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import type { ConversationState } from './conversation-state.ts'
import { Derived, type Emitter } from './live.ts'
import type { Outbox } from './outbox.ts'
import type { ConversationRow, Draft, Preview, UnreadTotals } from './types.ts'

export interface RowsOptions {
  readonly emitter: Emitter
  readonly states: ReadonlyMap<ConversationId, ConversationState>
  readonly outbox: Pick<Outbox, 'commands'>
  readonly profile: (id: UserId) => UserProfile | undefined
  readonly draft: (id: ConversationId) => Draft | null
  readonly me: () => UserId
}

export class Rows {
  readonly #o: RowsOptions
  readonly #rows = new Map<ConversationId, Derived<ConversationRow | null>>()
  readonly #changed = new Set<ConversationId>()
  /** unread and mentions of each as last told. */
  readonly #told = new Map<ConversationId, string>()
  readonly list: Derived<readonly ConversationRow[]>
  readonly totals: Derived<UnreadTotals>

  constructor(options: RowsOptions) {
    this.#o = options
    this.list = new Derived(() => this.#list())
    this.totals = new Derived((before) => this.#totals(before))
  }

  row(id: ConversationId): Derived<ConversationRow | null> {
    const row = this.#rows.get(id) ?? new Derived(() => this.#row(id))
    this.#rows.set(id, row)
    return row
  }

  /** Listeners hear of it once everything that happens now has happened. */
  changed(id: ConversationId): void {
    this.#rows.get(id)?.invalidate()
    this.list.invalidate()
    this.totals.invalidate()
    if (this.#changed.size === 0) queueMicrotask(() => this.#tell())
    this.#changed.add(id)
  }

  #tell(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    const { emitter } = this.#o
    for (const id of changed) {
      this.row(id).notify()
      const row = emitter.wants('conversation') || emitter.wants('unread') ? this.row(id).get() : null
      if (!row) continue
      emitter.emit({ type: 'conversation', conversation: row })
      const told = `${row.unread} ${row.mentions}`
      if (told === (this.#told.get(id) ?? '0 0')) continue
      this.#told.set(id, told)
      const { unread, mentions } = row
      emitter.emit({ type: 'unread', conversationId: id, unread, mentions, totals: this.totals.get() })
    }
    this.list.notify()
    this.totals.notify()
  }

  #row(id: ConversationId): ConversationRow | null {
    const { states, outbox, profile, draft } = this.#o
    const state = states.get(id)
    if (!state) return null
    const { preview, lastActivityAt, count: _count, conversationId, ...facts } = state.facts
    const commands = outbox.commands(id)
    const unsent = commands.findLast(({ stored }) => stored.content.kind === 'message')
    const peer = facts.peerId === null ? undefined : profile(facts.peerId)
    return {
      ...facts,
      conversationId,
      title: facts.name ?? (peer ? peer.displayName || peer.name : ''),
      lastActivityAt: Math.max(lastActivityAt, unsent?.stored.createdAt ?? 0),
      preview: unsent ? this.#unsentPreview(unsent) : sentPreview(preview),
      draft: draft(id),
      failed: commands.some(({ stored }) => stored.failure !== null),
    }
  }

  #unsentPreview({ stored, delivery }: ReturnType<Outbox['commands']>[number]): Preview {
    const text = 'text' in stored.content ? stored.content.text : ''
    return { seq: null, senderId: this.#o.me(), text: clipped(text), at: stored.createdAt, delivery }
  }

  /** The server's order, to the last tie. */
  #list(): readonly ConversationRow[] {
    const rows = [...this.#o.states.keys()].map((id) => this.row(id).get()).filter((row) => row !== null)
    return rows.sort(
      (a, b) =>
        Number(b.flags.pinned) - Number(a.flags.pinned) ||
        b.lastActivityAt - a.lastActivityAt ||
        (a.conversationId < b.conversationId ? 1 : -1),
    )
  }

  /** The one place that adds up: title, badge and icon show this. */
  #totals(before: UnreadTotals | null): UnreadTotals {
    let messages = 0
    let conversations = 0
    let mentions = 0
    for (const { unread, flags, mentions: mentioned } of this.list.get()) {
      mentions += mentioned
      if (unread === 0 || flags.muted || flags.archived) continue
      messages += unread
      conversations++
    }
    const same = before?.messages === messages && before.conversations === conversations && before.mentions === mentions
    return same ? before : { messages, conversations, mentions }
  }
}

function sentPreview(entry: ConversationState['facts']['preview']): Preview | null {
  if (entry?.kind !== 'message') return null
  return { seq: entry.seq, senderId: entry.senderId, text: clipped(entry.text), at: entry.at, delivery: 'sent' }
}

/** Whole code points, so that no emoji is cut in half. */
function clipped(text: string): string {
  return text.length <= limits.previewCharsMax
    ? text
    : [...text.slice(0, limits.previewCharsMax * 2)].slice(0, limits.previewCharsMax).join('')
}
