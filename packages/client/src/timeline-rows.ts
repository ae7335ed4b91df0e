/** Entries and unsent commands as rows. A row that has not changed keeps its reference. */
import {
  type AmendmentContent,
  type FoldedEntry,
  isMembership,
  type MembershipContent,
  type MessageContent,
} from '@godwit/protocol/entry.ts'
import { type AmendmentEntry, applyAmendment } from '@godwit/protocol/fold.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { Held } from './log.ts'
import type { Command } from './outbox-item.ts'
import type { TimelineItem } from './types.ts'

/** Kinds of which a row is shown. One from a newer server has none, though its seq counts. */
export function hasRow(entry: FoldedEntry): boolean {
  return entry.kind === 'message' || isMembership(entry)
}

export class TimelineRows {
  readonly #me: () => UserId
  #sent = new Map<number, { held: Held; pending: string; item: TimelineItem }>()
  #unsent = new WeakMap<Command['item'], TimelineItem>()

  constructor(me: () => UserId) {
    this.#me = me
  }

  rows(held: readonly Held[], commands: readonly Command[], withUnsent: boolean): readonly TimelineItem[] {
    const changes = Map.groupBy(
      commands.filter(({ stored }) => stored.content.kind !== 'message'),
      ({ stored }) => ('target' in stored.content ? stored.content.target : 0),
    )
    const before = this.#sent
    this.#sent = new Map()
    const items = held.map((one) => this.#row(one, changes.get(one.entry.seq) ?? [], before))
    if (!withUnsent) return items
    return [...items, ...commands.filter(({ stored }) => stored.content.kind === 'message').map((command) => this.unsent(command))]
  }

  unsent(command: Command): TimelineItem {
    const known = this.#unsent.get(command.item)
    if (known) return known
    const { clientMsgId, content, createdAt, delivery, failure } = command.item
    const item: TimelineItem = {
      key: clientMsgId,
      seq: null,
      clientMsgId,
      senderId: this.#me(),
      mine: true,
      at: createdAt,
      content: content.kind === 'message' ? content : { kind: 'message', text: '' },
      edited: false,
      deleted: null,
      reactions: [],
      delivery,
      failure,
      pendingChange: false,
    }
    this.#unsent.set(command.item, item)
    return item
  }

  #row(held: Held, commands: readonly Command[], before: ReadonlyMap<number, { held: Held; pending: string; item: TimelineItem }>) {
    const pending = commands.map(({ item: { clientMsgId, delivery } }) => clientMsgId + delivery).join(' ')
    const { seq } = held.entry
    let known = before.get(seq)
    if (known?.held !== held || known.pending !== pending) known = { held, pending, item: this.#build(held.entry, commands) }
    this.#sent.set(seq, known)
    return known.item
  }

  #build(sent: FoldedEntry, commands: readonly Command[]): TimelineItem {
    const me = this.#me()
    const waiting = commands.filter(({ stored }) => !stored.failure)
    const entry = waiting.reduce(
      (folded, { stored }) => applyAmendment(folded, asEntry(sent, me, stored.content as AmendmentContent, stored)),
      sent,
    )
    const { seq, clientMsgId, senderId, at } = entry
    const mine = senderId === me
    return {
      key: mine ? clientMsgId : `#${seq}`,
      seq,
      clientMsgId,
      senderId,
      mine,
      at,
      content: entry as MessageContent | MembershipContent,
      edited: entry.edited !== undefined,
      deleted: entry.deleted ? { by: entry.deleted.by } : null,
      reactions: entry.reactions ?? [],
      delivery: 'sent',
      failure: commands.find(({ stored }) => stored.failure)?.stored.failure ?? null,
      pendingChange: waiting.length > 0,
    }
  }
}

/** A change of one's own as if the log had it: later than everything that does. */
function asEntry(target: FoldedEntry, me: UserId, content: AmendmentContent, stored: Command['stored']): AmendmentEntry {
  const { conversationId, messageId, count, membershipSeq } = target
  const header = { conversationId, messageId, count, membershipSeq, clientMsgId: stored.clientMsgId, at: stored.createdAt }
  return { ...header, ...content, senderId: me, seq: Number.MAX_SAFE_INTEGER }
}
