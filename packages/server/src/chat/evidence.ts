/**
 * What the judging of a batch rests on beyond the head and the members: the messages that amendments name, blocks, and whether an
 * id that would be refused or bounced stands in the log after all (L3).
 */
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import { type AmendmentEntry, fold } from '@godwit/protocol/fold.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { CommandKey, MessageLog, StoredId } from '../ports/message-log.ts'
import { emptyHead } from '../ports/place-entries.ts'
import { type BatchScene, type Judged, judge, type Pending, type Stamp } from './judge.ts'
import { idKey, type KnownIds } from './known-ids.ts'
import type { Roster } from './roster.ts'
import type { Standing } from './standing.ts'

const noTargets: BatchScene['targets'] = new Map()

export interface EvidenceDeps {
  readonly log: MessageLog
  readonly stamp: Stamp
  /** Whether one of the two of a `direct` conversation has blocked the other. */
  readonly blocked: (roster: Roster) => Promise<boolean>
  /** The same without a trip; null where it is not known. */
  readonly blockedAtHand: (roster: Roster) => boolean | null
}

/** Nearly every batch: what its judging rests on is in memory, and nothing is doubtful. null for the others. */
export function judgeAtHand(
  deps: EvidenceDeps,
  conversationId: ConversationId,
  standing: Standing | null,
  waiting: readonly Pending[],
  ids: KnownIds,
): Judged | null {
  if (waiting.some(({ command }) => 'target' in command.content)) return null
  const blocked = isDirect(standing) ? deps.blockedAtHand(standing.roster) : false
  if (blocked === null) return null
  const judged = judge(conversationId, waiting, sceneOf(standing, blocked, noTargets), ids, deps.stamp)
  return doubtful(judged).length === 0 ? judged : null
}

/** Judges until every id that a refusal or an `after` rests on was looked up; `learn` puts those found among `ids`. */
export async function judgeOnEvidence(
  deps: EvidenceDeps,
  conversationId: ConversationId,
  standing: Standing | null,
  waiting: readonly Pending[],
  ids: KnownIds,
  learn: (stored: readonly StoredId[]) => void,
): Promise<Judged> {
  const scene = await loadScene(deps, conversationId, standing, waiting)
  const asked = new Set<string>()
  for (;;) {
    const judged = judge(conversationId, waiting, scene, ids, deps.stamp)
    const keys = doubtful(judged).filter((key) => !asked.has(idKey(key.senderId, key.clientMsgId)))
    if (keys.length === 0) return judged
    for (const key of keys) asked.add(idKey(key.senderId, key.clientMsgId))
    const found = (await deps.log.find(conversationId, keys)).filter((one) => one !== null)
    // Nothing new: judging again would say the same.
    if (found.length === 0) return judged
    learn(found)
  }
}

async function loadScene(
  deps: EvidenceDeps,
  conversationId: ConversationId,
  standing: Standing | null,
  waiting: readonly Pending[],
): Promise<BatchScene> {
  const blocks = isDirect(standing) ? deps.blocked(standing.roster) : false
  const [targets, blocked] = await Promise.all([loadTargets(deps.log, conversationId, waiting), blocks])
  return sceneOf(standing, blocked, targets)
}

function isDirect(standing: Standing | null): standing is Standing {
  return standing?.roster.state.kind === 'direct'
}

function sceneOf(standing: Standing | null, blocked: boolean, targets: BatchScene['targets']): BatchScene {
  return { roster: standing?.roster ?? null, head: standing?.head ?? emptyHead, blocked, targets }
}

function doubtful(judged: Judged): CommandKey[] {
  const keys = judged.refused.map(({ pending }) => keyOf(pending))
  for (const { pending, error } of judged.bounced) {
    const { after, sender } = pending.command
    if (error.code === 'RETRY_IN_ORDER' && after !== null) keys.push(keyOf(pending), { senderId: sender.userId, clientMsgId: after })
  }
  return keys
}

function keyOf({ command }: Pending): CommandKey {
  return { senderId: command.sender.userId, clientMsgId: command.clientMsgId }
}

async function loadTargets(
  log: MessageLog,
  conversationId: ConversationId,
  waiting: readonly Pending[],
): Promise<ReadonlyMap<number, FoldedEntry>> {
  const seqs = new Set<number>()
  for (const { command } of waiting) if ('target' in command.content) seqs.add(command.content.target)
  const targets = new Map<number, FoldedEntry>()
  await Promise.all(
    [...seqs].map(async (seq) => {
      const { entries, amendments } = await log.read(conversationId, { from: seq, to: seq, limit: 1, direction: 'up' })
      const [entry] = entries
      if (entry) targets.set(seq, fold(entry, amendments as readonly AmendmentEntry[]))
    }),
  )
  return targets
}
