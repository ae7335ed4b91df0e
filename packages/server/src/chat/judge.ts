/**
 * Judging a batch: each command on the state the one before left, without a trip. Known id? -> in order? -> may they?
 */
import type { EntryContent, FoldedEntry } from '@godwit/protocol/entry.ts'
import { isMembership } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ClientMsgId, MessageId, UserId } from '@godwit/protocol/ids.ts'
import type { Head, NewEntry } from '../ports/message-log.ts'
import { refusal } from './access.ts'
import { type Command, type Placed, settledContent } from './command.ts'
import type { KnownIds } from './known-ids.ts'
import { applyMembership, type Roster } from './roster.ts'

/** A command that waits for its outcome. Only the first of `accept` and `refuse` counts. */
export interface Pending {
  readonly command: Command
  readonly accept: (placed: Placed) => void
  readonly refuse: (error: GodwitError) => void
}

export interface Judged {
  /** In the log already: the same ack again, or ID_REUSED. */
  readonly known: readonly { readonly pending: Pending; readonly placed: Placed }[]
  /** To be appended; `pendings` are the commands that share the id, the first of them is the one that counts. */
  readonly batch: readonly { readonly entry: NewEntry; readonly pendings: readonly Pending[] }[]
  /** Holds only if the state is confirmed. */
  readonly refused: readonly { readonly pending: Pending; readonly error: GodwitError }[]
  /** Not decided by access: the predecessor is missing (L5), or the id stands for something else (L3). */
  readonly bounced: readonly { readonly pending: Pending; readonly error: GodwitError }[]
}

export interface BatchScene {
  readonly roster: Roster | null
  readonly head: Head
  readonly blocked: boolean
  readonly targets: ReadonlyMap<number, FoldedEntry>
}

export function judge(
  waiting: readonly Pending[],
  scene: BatchScene,
  ids: KnownIds,
  stamp: () => { messageId: MessageId; now: number },
): Judged {
  const known: Judged['known'][number][] = []
  const batch: { entry: NewEntry; pendings: Pending[] }[] = []
  const refused: Judged['refused'][number][] = []
  const bounced: Judged['bounced'][number][] = []
  const batchByKey = new Map<string, (typeof batch)[number]>()
  let { roster, head } = scene

  for (const pending of waiting) {
    const { command } = pending
    const { userId } = command.sender
    const inBatch = (id: ClientMsgId) => batchByKey.get(`${userId} ${id}`)

    const stored = ids.get(userId, command.clientMsgId)
    const twin = stored ? undefined : inBatch(command.clientMsgId)
    const same = stored ?? twin?.entry
    if (same && same.bodyHash !== command.bodyHash) bounced.push({ pending, error: new GodwitError('ID_REUSED') })
    else if (stored) known.push({ pending, placed: { messageId: stored.messageId, seq: stored.seq, at: stored.at, duplicate: true } })
    else if (twin) twin.pendings.push(pending)
    else if (command.after !== null && !ids.get(userId, command.after) && !inBatch(command.after)) {
      bounced.push({ pending, error: new GodwitError('RETRY_IN_ORDER') })
    } else {
      const content = settledContent(command.content, roster)
      const target = 'target' in content ? (scene.targets.get(content.target) ?? null) : null
      const error = refusal({ roster, head: head.seq, blocked: scene.blocked, target }, userId, content)
      if (error) {
        refused.push({ pending, error })
        continue
      }
      const { messageId, now } = stamp()
      // Time never runs back within a conversation, whatever the clock does.
      const at = Math.max(now, head.at)
      const { clientMsgId, bodyHash } = command
      const accepted = { entry: { messageId, at, senderId: userId, clientMsgId, bodyHash, content }, pendings: [pending] }
      batch.push(accepted)
      batchByKey.set(`${userId} ${clientMsgId}`, accepted)
      head = { ...head, seq: head.seq + 1, at }
      roster = rosterAfter(roster, content, { command, seq: head.seq, at, messageId })
    }
  }
  return { known, batch, refused, bounced }
}

function rosterAfter(
  roster: Roster | null,
  content: EntryContent,
  { command, seq, at, messageId }: { command: Command; seq: number; at: number; messageId: MessageId },
): Roster | null {
  if (!isMembership(content)) return roster
  const senderId: UserId = command.sender.userId
  const { conversationId, clientMsgId } = command
  return applyMembership(roster, { conversationId, clientMsgId, seq, at, messageId, senderId, count: 0, membershipSeq: seq, ...content })
}
