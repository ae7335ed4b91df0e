/** What stands on the screens of the web client: C6, C7, C13. */

import type { Expected } from './expect.ts'
import type { HistoryLine } from './history.ts'
import { bodyDigest } from './shown.ts'
import type { Check } from './sides.ts'
import type { Verdict } from './verdict.ts'

const hasRow = new Set(['message', 'created', 'added', 'removed', 'role', 'renamed', 'settings'])

export class ScreenChecks implements Check {
  readonly ops = ['screen'] as const
  readonly #expected: Expected
  readonly #verdict: Verdict

  constructor(expected: Expected, verdict: Verdict) {
    this.#expected = expected
    this.#verdict = verdict
  }

  /** Each row once, in order, none left out down to the newest, with the text that the log has. */
  take(line: HistoryLine): void {
    if (line.op !== 'screen') return
    const conversation = this.#expected.conversations.get(line.conv)
    const log = conversation?.log
    const shown = line.rows.map(([seq]) => seq)
    const due: number[] = []
    for (let seq = shown[0] ?? 1; log && seq <= log.head; seq++) if (hasRow.has(log.kindAt(seq))) due.push(seq)
    const seen = { ...line, rows: [] }
    const wrong = Array.from({ length: Math.max(due.length, shown.length) }, (_, i) => i).find((i) => due[i] !== shown[i])
    if (wrong !== undefined) {
      const isAgain = shown.indexOf(shown[wrong] as number) < wrong && wrong < shown.length
      const what = `${line.proc} shows ${shown[wrong] ?? 'nothing'} where row ${due[wrong] ?? 'nothing'} is due`
      this.#verdict.add(isAgain ? 'C13' : 'C6', what, seen)
    }
    for (const [seq, text] of line.rows) {
      if (text === null || !log?.isPlain(seq) || conversation?.isAmended(seq)) continue
      if (bodyDigest(squeezed(text), log.detailAt(seq)?.mentions) !== log.bodyAt(seq))
        this.#verdict.add('C7', `${line.proc} shows "${text.slice(0, 60)}" at ${seq}`, seen, log.refTo(seq))
    }
  }
}

const squeezed = (text: string) => text.replace(/\s+/gu, ' ').trim()
