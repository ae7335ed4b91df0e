/** Commands against the log: C1, C4, C5, C8, C9, C10. */
import type { Dump, LogEntry } from './dump.ts'
import type { ChangeLine, HistoryLine, SendLine, TypedLine } from './history.ts'
import { bodyHash } from './shown.ts'
import type { Violations } from './violations.ts'

interface Send {
  readonly invoke: SendLine & { readonly type: 'invoke' }
  readonly oks: (SendLine & { readonly type: 'ok' })[]
  fail: SendLine | undefined
  readonly stored: LogEntry | undefined
}

const sentKinds = new Set(['message', 'edit', 'delete', 'reaction'])

export function checkSends(history: readonly HistoryLine[], dump: Dump, violations: Violations): void {
  const stored = new Map(dump.entries.map((entry) => [`${entry.conv} ${entry.senderId} ${entry.cmid}`, entry]))
  const lines = history.filter((line) => line.op === 'send')
  const sends = gather(lines, stored, violations)
  for (const send of sends.values()) checkOutcome(send, violations)
  checkNothingInvented(dump, sends, history, violations)
  checkBodies(dump, sends, violations)
  checkRealTime(lines, sends, violations)
  checkFifo(sends, violations)
}

function gather(lines: readonly SendLine[], stored: ReadonlyMap<string, LogEntry>, violations: Violations): Map<string, Send> {
  const sends = new Map<string, Send>()
  for (const line of lines) {
    if (line.type !== 'invoke') continue
    const entry = stored.get(`${line.conv} ${line.user} ${line.cmid}`)
    sends.set(`${line.conv} ${line.cmid}`, { invoke: line, oks: [], fail: undefined, stored: entry })
  }
  for (const line of lines) {
    if (line.type === 'invoke') continue
    const send = sends.get(`${line.conv} ${line.cmid}`)
    if (!send) violations.add('C4', `an answer to a command that was never given: ${line.cmid}`, line)
    else if (line.type === 'ok') send.oks.push(line)
    else if (line.type === 'fail') send.fail = line
  }
  return sends
}

function checkOutcome({ invoke, oks, fail, stored }: Send, violations: Violations): void {
  if (oks.length > 0 && !stored) violations.add('C1', `acked, and not in the log: ${invoke.cmid}`, invoke, oks[0])
  if (oks.length > 0 && fail) violations.add('C4', `acked and refused: ${invoke.cmid}`, invoke, oks[0], fail)
  if (fail && stored) violations.add('C5', `refused, and yet in the log: ${invoke.cmid}`, invoke, fail, stored)
  for (const ok of oks)
    if (stored && (ok.seq !== stored.seq || ok.messageId !== stored.messageId))
      violations.add('C4', `acked as seq ${ok.seq}, stored as ${stored.seq}: ${invoke.cmid}`, ok, stored)
}

/** What stands in the log was sent by somebody: by the SDK, in a web page, or as a change of a group. */
function checkNothingInvented(dump: Dump, sends: ReadonlyMap<string, Send>, history: readonly HistoryLine[], violations: Violations): void {
  const typed = Map.groupBy(
    history.filter((line) => line.op === 'typed'),
    (line) => `${line.conv} ${line.user} ${line.hash}`,
  )
  const typedFound = new Map<string, number>()
  // Of a line that was deleted since only its place is left.
  const blanked = new Map<string, LogEntry[]>()
  for (const entry of dump.entries) {
    if (!sentKinds.has(entry.kind) || sends.has(`${entry.conv} ${entry.cmid}`)) continue
    const key = `${entry.conv} ${entry.senderId} ${bodyHash(entry.kind, entry.content)}`
    const place = `${entry.conv} ${entry.senderId}`
    if (entry.kind === 'message' && entry.content.text === '') {
      blanked.set(place, [...(blanked.get(place) ?? []), entry])
      continue
    }
    const found = (typedFound.get(key) ?? 0) + 1
    typedFound.set(key, found)
    if (found > (typed.get(key)?.length ?? 0)) violations.add('C5', `in the log, and nobody sent it: ${entry.cmid}`, entry)
  }
  for (const [key, lines] of typed) {
    const place = key.split(' ').slice(0, 2).join(' ')
    for (let found = typedFound.get(key) ?? 0; found < lines.length; found++)
      if (!blanked.get(place)?.pop()) violations.add('C1', 'typed into a page, and not in the log', ...(lines as TypedLine[]))
  }
  for (const entry of [...blanked.values()].flat()) violations.add('C5', `in the log, and nobody sent it: ${entry.cmid}`, entry)
}

function checkBodies(dump: Dump, sends: ReadonlyMap<string, Send>, violations: Violations): void {
  const deleted = new Set(dump.entries.filter(({ kind }) => kind === 'delete').map(({ conv, target }) => `${conv} ${target}`))
  for (const { invoke, stored } of sends.values()) {
    if (!stored) continue
    const subject = stored.kind === 'edit' ? stored.target : stored.seq
    const isBlanked = deleted.has(`${stored.conv} ${subject}`)
    const isSame =
      stored.kind === invoke.kind && stored.target === invoke.target && (isBlanked || bodyHash(stored.kind, stored.content) === invoke.hash)
    if (!isSame) violations.add('C10', `stored otherwise than it was sent: ${invoke.cmid}`, invoke, stored)
  }
}

/** L5: what was acked before another was sent has a lower seq. */
function checkRealTime(lines: readonly SendLine[], sends: ReadonlyMap<string, Send>, violations: Violations): void {
  const newestAck = new Map<string, SendLine & { type: 'ok' }>()
  for (const line of [...lines].sort((a, b) => a.t - b.t || (a.type === 'invoke' ? -1 : 1))) {
    const before = newestAck.get(line.conv)
    if (line.type === 'ok' && (!before || line.seq > before.seq)) newestAck.set(line.conv, line)
    if (line.type !== 'invoke' || !before) continue
    const stored = sends.get(`${line.conv} ${line.cmid}`)?.stored
    if (stored && stored.seq < before.seq)
      violations.add('C8', `sent after seq ${before.seq} was acked, and stored below it, at ${stored.seq}`, before, line, stored)
  }
}

/** L5: one device's commands in one conversation stand in the order in which they were given. */
function checkFifo(sends: ReadonlyMap<string, Send>, violations: Violations): void {
  const byDevice = Map.groupBy(sends.values(), ({ invoke }) => `${invoke.proc} ${invoke.conv}`)
  for (const given of byDevice.values()) {
    let last: Send | undefined
    for (const send of given.sort((a, b) => a.invoke.t - b.invoke.t)) {
      if (!send.stored) continue
      if (last?.stored && last.stored.seq > send.stored.seq)
        violations.add(
          'C9',
          `given after seq ${last.stored.seq} by the same device, and stored at ${send.stored.seq}`,
          last.invoke,
          send.invoke,
        )
      last = send
    }
  }
}

/** Changes of groups: an acked one is in the log, a refused one is not, and there are not more than were asked for. */
export function checkChanges(history: readonly HistoryLine[], dump: Dump, violations: Violations): void {
  const lines = history.filter((line) => line.op === 'change')
  const ends = new Map<string, ChangeLine>()
  for (const line of lines) if (line.type !== 'invoke') ends.set(line.id, line)
  const asked = Map.groupBy(
    lines.filter((line) => line.type === 'invoke'),
    ({ conv, user, change, subject }) => `${conv} ${user} ${change} ${subject}`,
  )
  const stored = Map.groupBy(
    dump.entries.flatMap((entry) => subjectsOf(entry).map((subject) => ({ entry, subject }))),
    ({ entry, subject }) => `${entry.conv} ${entry.senderId} ${entry.kind} ${subject}`,
  )
  for (const [key, invokes] of asked) {
    const ok = invokes.filter(({ id }) => ends.get(id)?.type === 'ok').length
    const failed = invokes.filter(({ id }) => ends.get(id)?.type === 'fail').length
    const found = stored.get(key)?.length ?? 0
    if (found < ok) violations.add('C1', `${ok} changes were acked and ${found} are in the log: ${key}`, ...invokes)
    if (found > invokes.length - failed)
      violations.add('C5', `refused, and yet in the log: ${key}`, ...invokes, stored.get(key)?.[0]?.entry)
  }
  for (const [key, found] of stored)
    if (!asked.has(key)) violations.add('C5', `in the log, and nobody asked for it: ${key}`, found[0]?.entry)
}

function subjectsOf({ kind, content }: LogEntry): readonly string[] {
  switch (kind) {
    case 'added':
      return (content.members ?? []).map(({ userId }) => userId)
    case 'removed':
    case 'role':
      return [content.userId ?? '']
    case 'renamed':
      return [content.name ?? '']
    default:
      return []
  }
}
