/**
 * Judging a batch: each command on the state the one before left, without a trip. Known id? -> in order? -> may they?
 */
import { type Entry, type FoldedEntry, isAmendment, isMembership } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { type AmendmentEntry, applyAmendment } from '@godwit/protocol/fold.ts'
import type { ConversationId, MessageId, UserId } from '@godwit/protocol/ids.ts'
import type { Head, NewEntry } from '../ports/message-log.ts'
import { headAt, placeEntry } from '../ports/place-entries.ts'
import { erasureRefusal, refusal } from './access.ts'
import { type Command, type Placed, settledContent } from './command.ts'
import { idKey, type KnownIds } from './known-ids.ts'
import { applyMembership, type Roster } from './roster.ts'

/** A command that waits for its outcome. Only the first of `accept` and `refuse` counts. */
export interface Pending {
  readonly command: Command
  readonly accept: (placed: Placed) => void
  readonly refuse: (error: GodwitError) => void
}

/** What a refused command is told. */
interface Refused {
  readonly pending: Pending
  readonly error: GodwitError
}

interface Accepted {
  readonly entry: NewEntry
  /** `entry` as it stands in the log when the append applies. */
  readonly placed: Entry
  /** Those entitled to it (L6). */
  readonly recipients: ReadonlySet<UserId>
  /** The commands that share the id; the first of them is the one that counts. */
  readonly pendings: Pending[]
}

export interface Judged {
  /** In the log already: the same ack again. */
  readonly known: readonly { readonly pending: Pending; readonly placed: Placed }[]
  /** To be appended. */
  readonly batch: readonly Accepted[]
  /** What stands when the batch has been appended. */
  readonly after: { readonly roster: Roster | null; readonly head: Head }
  /** Holds only if the state is confirmed. */
  readonly refused: readonly Refused[]
  /** Rests on no state that may pass: the predecessor is not there yet (L5), or the id stands in the log for something else (L3). */
  readonly bounced: readonly Refused[]
}

/** The state a batch is judged on. */
export interface BatchScene {
  readonly roster: Roster | null
  readonly head: Head
  readonly blocked: boolean
  /** The folded entries that amendments name, by seq. */
  readonly targets: ReadonlyMap<number, FoldedEntry>
}

/** What an entry gets that is appended now: its id, and Unix ms. */
export type Stamp = () => { readonly messageId: MessageId; readonly now: number }

export function judge(conversationId: ConversationId, waiting: readonly Pending[], scene: BatchScene, ids: KnownIds, stamp: Stamp): Judged {
  const known: Judged['known'][number][] = []
  const batch: Accepted[] = []
  const refused: Refused[] = []
  const bounced: Refused[] = []
  // A command alone, the rule in most conversations, needs none.
  const batchByKey = waiting.length > 1 ? new Map<string, Accepted>() : null
  /** What the commands so far leave behind. */
  let { roster, head, targets } = scene

  for (const pending of waiting) {
    const { command } = pending
    const { userId } = command.sender

    const stored = ids.storedAs(userId, command.clientMsgId)
    const twin = stored ? undefined : batchByKey?.get(idKey(userId, command.clientMsgId))
    if (stored) {
      if (stored.bodyHash !== command.bodyHash) bounced.push({ pending, error: new GodwitError('ID_REUSED') })
      else known.push({ pending, placed: { messageId: stored.messageId, seq: stored.seq, at: stored.at, duplicate: true } })
    } else if (twin) {
      if (twin.entry.bodyHash !== command.bodyHash) refused.push({ pending, error: new GodwitError('ID_REUSED') })
      else twin.pendings.push(pending)
    } else if (command.after !== null && !ids.stands(userId, command.after) && !batchByKey?.has(idKey(userId, command.after))) {
      bounced.push({ pending, error: new GodwitError('RETRY_IN_ORDER') })
    } else {
      const content = settledContent(command.content, roster)
      const target = 'target' in content ? (targets.get(content.target) ?? null) : null
      const mayThey = command.right === 'erasure' ? erasureRefusal : refusal
      const error = mayThey({ roster, head: head.seq, blocked: scene.blocked, target }, userId, content)
      if (error) {
        refused.push({ pending, error })
        continue
      }
      const { messageId, now } = stamp()
      // Time never runs back within a conversation, whatever the clock does.
      const at = Math.max(now, head.at)
      const { clientMsgId, bodyHash } = command
      const entry = { messageId, at, senderId: userId, clientMsgId, bodyHash, content }
      const placed = placeEntry(conversationId, head, entry)
      const before = roster
      head = headAt(placed)
      if (isMembership(placed)) roster = applyMembership(roster, placed)
      else if (isAmendment(placed)) targets = targetsAfter(targets, placed)
      const accepted = { entry, placed, recipients: recipientsOf(placed, before, roster), pendings: [pending] }
      batch.push(accepted)
      batchByKey?.set(idKey(userId, clientMsgId), accepted)
    }
  }
  return { known, batch, after: { roster, head }, refused, bounced }
}

function targetsAfter(targets: BatchScene['targets'], amendment: AmendmentEntry): BatchScene['targets'] {
  const target = targets.get(amendment.target)
  return target ? new Map(targets).set(amendment.target, applyAmendment(target, amendment)) : targets
}

const nobody: ReadonlySet<UserId> = new Set()

/** The one who is added and the one who is removed both get the entry (L6). */
function recipientsOf(entry: Entry, before: Roster | null, after: Roster | null): ReadonlySet<UserId> {
  const members = after?.memberSet ?? nobody
  return before && isMembership(entry) ? new Set([...before.memberSet, ...members]) : members
}
