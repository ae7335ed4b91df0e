/** A cursor that a device has shown never goes back, and no reading is lost: C12. */

import type { Expected } from './expect.ts'
import type { CrashLine, CursorLine, HistoryLine, ReadLine } from './history.ts'
import { getOrMake } from './maps.ts'
import type { Operations } from './operations.ts'
import type { Check } from './sides.ts'
import type { Verdict } from './verdict.ts'

export class CursorChecks implements Check {
  readonly ops = ['read', 'cursor', 'reset', 'crash'] as const
  readonly #expected: Expected
  readonly #operations: Operations
  readonly #verdict: Verdict
  /** By device and conversation: the highest that was shown, or that a crash has left of it. */
  readonly #shown = new Map<string, Map<string, CursorLine | CrashLine>>()

  constructor(expected: Expected, operations: Operations, verdict: Verdict) {
    this.#expected = expected
    this.#operations = operations
    this.#verdict = verdict
  }

  take(line: HistoryLine): void {
    if (line.op === 'read') this.#read(line)
    else if (line.op === 'cursor') this.#show(line)
    else if (line.op === 'reset') this.#shown.delete(line.proc)
    // What was shown and not stored yet may be unknown to the next life of the application.
    else if (line.op === 'crash') this.#shown.set(line.proc, new Map(Object.keys(line.kept ?? {}).map((conv) => [conv, line])))
  }

  #show(line: CursorLine): void {
    const shown = getOrMake(this.#shown, line.proc, () => new Map<string, CursorLine | CrashLine>())
    const before = shown.get(line.conv)
    const highest = before?.op === 'crash' ? before.kept?.[line.conv] : before?.read
    if (highest !== undefined && line.read < highest)
      this.#verdict.add('C12', `the read cursor of ${line.proc} in ${line.conv} went back from ${highest}`, before, line)
    else shown.set(line.conv, line)
  }

  #read(line: ReadLine): void {
    this.#operations.add(line.t, undefined, false)
    const conversation = this.#expected.conversations.get(line.conv)
    if (!conversation) return
    const spans = conversation.spansOf(line.user)
    // One who has left meanwhile may have come too late with it.
    const isMember = spans.length === 1 && spans[0]?.[1] === conversation.head
    const stored = conversation.readUpTo(line.user)
    if (isMember && stored < line.seq)
      this.#verdict.add('C12', `${line.user} has read ${line.conv} to ${line.seq}; stored is ${stored}`, line)
  }
}
