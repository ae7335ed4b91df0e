/** The verdict on a run: the checks of the history, and what only the wire shows. */

import type { Bounds } from '@godwit/history/bounds.ts'
import { check } from '@godwit/history/check.ts'
import type { Dump, LogEntry } from '@godwit/history/dump.ts'
import type { HistoryLine } from '@godwit/history/history.ts'
import type { Content } from '@godwit/history/shown.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { Problem, World } from './world.ts'

/** A run may have no faults at all; C14 is about the time after the healing. */
const bounds: Partial<Bounds> = { operationsMin: 20, infosMin: 0, faultsMin: 0, recoveryMsMax: 120_000 }

/** What a device does for somebody else than itself. */
const lasting = new Set(['send', 'change'])

/** `revoked`: devices that were signed out on the way; what they were told and show is left out, since nothing says where it ends. */
export function judge(world: World, revoked: ReadonlySet<string>): readonly Problem[] {
  const dump = dumpOf(world)
  const lines = withRefusedApart(world.recorder.lines).filter(({ proc, op }) => !revoked.has(proc) || lasting.has(op))
  const verdict = check(lines, dump, bounds)
  if (hasReturned(world)) world.reached.hit('removed member came back')
  return [
    ...world.problems,
    ...intruders(world),
    ...verdict.kept.map(({ check: rule, message, lines }) => ({
      rule,
      message: [message, ...lines.map((line) => JSON.stringify(line))].join('\n      '),
    })),
  ]
}

/** L11: whatever stands in the log was written by somebody who was a member then. */
function intruders({ logs }: World): readonly Problem[] {
  return [...logs.conversations].flatMap((id) => {
    const members = new Set<string>()
    return logs.entries(id).flatMap((entry) => {
      const isAllowed = entry.kind === 'created' || members.has(entry.senderId)
      if (entry.kind === 'created' || entry.kind === 'added') for (const { userId } of entry.members) members.add(userId)
      if (entry.kind === 'removed') members.delete(entry.userId)
      return isAllowed ? [] : [{ rule: 'L11', message: `${entry.senderId} is no member of ${entry.conversationId} at ${entry.seq}` }]
    })
  })
}

/**
 * A command whose refusal was not final has no place in the order of its device: the copy that was still under way may land behind
 * what was given since. It counts as given by a device of its own (C9).
 */
function withRefusedApart(lines: readonly HistoryLine[]): HistoryLine[] {
  const refused = new Set(
    lines.flatMap((line) => (line.op === 'send' && line.type === 'info' && line.code === 'FORBIDDEN' ? [line.cmid] : [])),
  )
  return lines.map((line) => (line.op === 'send' && refused.has(line.cmid) ? { ...line, proc: `${line.proc} ${line.cmid}` } : line))
}

function hasReturned({ logs }: World): boolean {
  return [...logs.conversations].some((id) => {
    const gone = new Set<string>()
    return logs.entries(id).some((entry) => {
      if (entry.kind === 'removed') gone.add(entry.userId)
      return entry.kind === 'added' && entry.members.some(({ userId }) => gone.has(userId))
    })
  })
}

export function dumpOf({ disk, logs }: World): Dump {
  const cursors = [...disk.cursors].flatMap(([conv, ofUsers]) =>
    [...ofUsers].map(([user, { delivered, read, shown }]) => ({ conv, user, delivered, read, shown })),
  )
  return { entries: [...logs.conversations].flatMap((id) => logs.entries(id).map(logEntry)), cursors }
}

function logEntry({ conversationId, seq, messageId, at, senderId, clientMsgId, count, membershipSeq, ...content }: Entry): LogEntry {
  const target = 'target' in content ? content.target : null
  const header = { conv: conversationId, seq, messageId, at, senderId, cmid: clientMsgId, count, membershipSeq }
  return { ...header, kind: content.kind, target, content: content as Content }
}
