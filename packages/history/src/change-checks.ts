/** Changes of groups: an acked one is in the log (C1), a refused one is not, and there are not more than were asked for (C5). */

import type { Commands } from './commands.ts'
import type { ChangeLine, HistoryLine, LineOf } from './history.ts'
import { addTo } from './maps.ts'
import type { Operations } from './operations.ts'
import type { Check } from './sides.ts'
import type { Stored } from './stored.ts'
import type { Verdict } from './verdict.ts'

type Invoke = LineOf<'change', 'invoke'>

export class ChangeChecks implements Check {
  readonly ops = ['change'] as const
  readonly #commands: Commands
  readonly #operations: Operations
  readonly #verdict: Verdict
  readonly #ends = new Map<string, ChangeLine>()
  readonly #asked = new Map<string, Invoke[]>()

  constructor(commands: Commands, operations: Operations, verdict: Verdict) {
    this.#commands = commands
    this.#operations = operations
    this.#verdict = verdict
  }

  take(line: HistoryLine): void {
    if (line.op !== 'change') return
    if (line.type !== 'invoke') {
      this.#ends.set(line.id, line)
      return
    }
    const key = `${line.conv} ${line.user} ${line.change} ${line.subject}`
    addTo(this.#asked, key, line)
  }

  end(): void {
    const stored = this.#stored()
    for (const [key, invokes] of this.#asked) {
      const ends = invokes.map(({ id }) => this.#ends.get(id))
      for (const [i, { t }] of invokes.entries()) this.#operations.add(t, ends[i]?.t, ends[i] === undefined || ends[i].type === 'info')
      const ok = ends.filter((end) => end?.type === 'ok').length
      const failed = ends.filter((end) => end?.type === 'fail').length
      const found = stored.get(key) ?? []
      if (found.length < ok)
        this.#verdict.add('C1', `${ok} changes were acked and ${found.length} are in the log: ${key}`, ...invokes, ...ends)
      if (found.length > invokes.length - failed)
        this.#verdict.add('C5', `refused, and yet in the log: ${key}`, ...invokes, ...ends, found.at(-1))
    }
    for (const [key, [first]] of stored)
      if (!this.#asked.has(key)) this.#verdict.add('C5', `in the log, and nobody asked for it: ${key}`, first)
  }

  #stored(): Map<string, Stored[]> {
    const stored = new Map<string, Stored[]>()
    for (const { changes } of this.#commands.conversations.values())
      for (const entry of changes)
        for (const subject of entry.subjects) addTo(stored, `${entry.conv} ${entry.senderId} ${entry.kind} ${subject}`, entry)
    return stored
  }
}
