/** `godwit check`: judges the history of a run against a dump of the log, and shows the lines that are at fault. */
import { basename, dirname, join } from 'node:path'
import type { Bounds } from '@godwit/history/bounds.ts'
import { checkFiles } from '@godwit/history/check-files.ts'
import { readLines, UnreadableError } from '@godwit/history/lines.ts'
import { checkNames, type Verdict } from '@godwit/history/verdict.ts'

export interface CheckFlags extends Partial<Bounds> {
  readonly dump?: string
}

/** Violations shown of each check, and letters of each of their lines. */
const shownMax = 5
const lettersMax = 400

/** Exit code 0 when clean, 1 on violations, 2 when a file cannot be read. */
export async function check(history: string, { dump = dumpBeside(history), ...options }: CheckFlags): Promise<void> {
  try {
    const verdict = await checkFiles({ history, dump, options })
    process.stdout.write(`${report(verdict, history, dump).join('\n')}\n`)
    process.exitCode = verdict.total === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error
    process.stderr.write(`godwit check: ${error.message}\n`)
    process.exitCode = 2
  }
}

/** `dump.jsonl` of `history.jsonl`, `monday.dump.jsonl` of `monday.history.jsonl`. */
function dumpBeside(history: string): string {
  const name = basename(history).replace('history', 'dump')
  return join(dirname(history), name === basename(history) ? 'dump.jsonl' : name)
}

function report(verdict: Verdict, history: string, dump: string): string[] {
  const shown = Object.keys(checkNames).flatMap((name) => verdict.kept.filter(({ check }) => check === name).slice(0, shownMax))
  const inHistory = textsOf(
    history,
    shown.flatMap(({ lines }) => lines.filter((line) => 'op' in line).map(({ line }) => line)),
  )
  const inDump = textsOf(
    dump,
    shown.flatMap(({ lines }) => lines.filter((line) => !('op' in line)).map(({ line }) => line)),
  )
  const rows: string[] = []
  for (const [name, meaning] of Object.entries(checkNames)) {
    const count = verdict.counts.get(name as keyof typeof checkNames) ?? 0
    rows.push(`${count === 0 ? 'ok  ' : 'BAD '} ${name.padEnd(4)} ${meaning}${count === 0 ? '' : `: ${count} violations`}`)
    for (const { message, lines } of shown.filter(({ check }) => check === name)) {
      rows.push(`       ${message}`)
      for (const line of lines) {
        const [file, texts] = 'op' in line ? [history, inHistory] : [dump, inDump]
        const text = texts.get(line.line ?? 0) ?? JSON.stringify(line)
        rows.push(`         ${basename(file)}:${line.line ?? '?'}  ${text.length > lettersMax ? `${text.slice(0, lettersMax)} …` : text}`)
      }
    }
  }
  const figures = [...verdict.figures].map(([what, value]) => `${what} ${Math.round(value).toLocaleString('en')}`)
  return [...rows, '', figures.join(', '), `${verdict.total} violations`]
}

/** By their numbers: the judge does not keep them. */
function textsOf(path: string, numbers: readonly (number | undefined)[]): Map<number, string> {
  const wanted = new Set(numbers)
  const found = new Map<number, string>()
  if (wanted.size === 0) return found
  for (const [text, number] of readLines(path)) if (wanted.has(number)) found.set(number, text)
  return found
}
