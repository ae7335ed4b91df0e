/** What stands on the screens of the web client: C6, C7. */
import type { Expected } from './expect.ts'
import type { HistoryLine } from './history.ts'
import type { Violations } from './violations.ts'

const hasRow = new Set(['message', 'created', 'added', 'removed', 'role', 'renamed', 'settings'])

/** Each row once, in order, none left out down to the newest, with the text that the log has. */
export function checkScreens(history: readonly HistoryLine[], expected: Expected, violations: Violations): void {
  for (const line of history) {
    if (line.op !== 'screen') continue
    const log = expected.conversations.get(line.conv)?.log ?? []
    const [first] = line.rows
    const due = log.filter((entry) => hasRow.has(entry.kind) && entry.seq >= (first?.[0] ?? 1)).map(({ seq }) => seq)
    const shown = line.rows.map(([seq]) => seq)
    const wrong = due.findIndex((seq, i) => shown[i] !== seq)
    const seen = { ...line, rows: [] }
    if (wrong >= 0) violations.add('C6', `${line.proc} shows ${shown[wrong] ?? 'nothing'} where row ${due[wrong]} is due`, seen)
    else if (shown.length > due.length) violations.add('C6', `${line.proc} shows ${shown[due.length]} after the last row`, seen)
    for (const [seq, text] of line.rows) {
      const entry = log[seq - 1]
      const isPlain = entry?.kind === 'message' && !log.some(({ target }) => target === seq)
      if (
        isPlain &&
        text !== null &&
        !/[*_`~<>|\\\n]/.test(entry.content.text ?? '') &&
        squeezed(text) !== squeezed(entry.content.text ?? '')
      )
        violations.add('C7', `${line.proc} shows "${text.slice(0, 60)}" at ${seq}`, seen, entry)
    }
  }
}

const squeezed = (text: string) => text.replace(/\s+/gu, ' ').trim()
