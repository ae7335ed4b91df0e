/** Histories and dumps as files of JSON lines. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { CursorRow, Dump, LogEntry } from './dump.ts'
import { assertCursor, assertEntry, assertLine, FormatError } from './format.ts'
import type { HistoryLine } from './history.ts'
import { LineReader } from './line-reader.ts'
import { readPieces, UnreadableError } from './lines.ts'
import { Names } from './names.ts'
import { opsOf, type Side } from './sides.ts'
import { skipped, usualEntry, usualLine } from './usual-lines.ts'

const newline = 0x0a

/** Read anew by every loop over it. Throws `UnreadableError`. */
export function readHistory(path: string): Iterable<HistoryLine> {
  return {
    [Symbol.iterator]: () =>
      readEach(
        path,
        usualLine(() => true),
        makeLine,
      ),
  }
}

/** The same without usual lines that only the other side looks at. */
export function readSide(path: string, side: Side): Iterable<HistoryLine> {
  const others: readonly HistoryLine['op'][] = opsOf[side === 'sent' ? 'shown' : 'sent']
  return {
    [Symbol.iterator]: () =>
      readEach(
        path,
        usualLine((op) => !others.includes(op)),
        makeLine,
      ),
  }
}

function makeLine(value: unknown, line: number, names: Names): HistoryLine {
  assertLine(value)
  const named = value as { proc: string; line: number; conv?: string; user?: string }
  named.line = line
  named.proc = names.of(named.proc)
  if (named.conv !== undefined) named.conv = names.of(named.conv)
  if (named.user !== undefined) named.user = names.of(named.user)
  return value
}

/**
 * Without `keepsIds`, for who keeps none, message ids and client message ids are parts of the text of many lines, and keep that too.
 * Throws `UnreadableError`.
 */
export function readDumpFile(path: string, keepsIds = true): Dump {
  let cursors: readonly CursorRow[] | undefined
  function* read(): Generator<LogEntry> {
    const found: CursorRow[] = []
    for (const row of readEach<LogEntry | CursorRow>(path, usualEntry(keepsIds), makeRow)) {
      if ('seq' in row) yield row
      else found.push(row)
    }
    cursors = found
  }
  return {
    entries: { [Symbol.iterator]: read },
    // They come along with the entries.
    cursors: {
      *[Symbol.iterator]() {
        if (!cursors) for (const _ of read());
        yield* cursors ?? []
      },
    },
  }
}

function makeRow(value: unknown, line: number, names: Names): LogEntry | CursorRow {
  if (typeof value === 'object' && value !== null && 'cursor' in value) {
    assertCursor(value)
    return value.cursor as CursorRow
  }
  assertEntry(value)
  const entry = value as { -readonly [K in keyof LogEntry]: LogEntry[K] }
  entry.line = line
  entry.conv = names.of(entry.conv)
  entry.senderId = names.of(entry.senderId)
  return entry
}

/** In the form that `readDumpFile` reads. */
export function writeDumpFile(path: string, { entries, cursors }: Dump): void {
  const file = openSync(path, 'w')
  try {
    for (const entry of entries) writeSync(file, `${JSON.stringify(entry)}\n`)
    for (const cursor of cursors) writeSync(file, `${JSON.stringify({ cursor })}\n`)
  } finally {
    closeSync(file)
  }
}

/** A line that `readUsual` does not know is made by `make` of what JSON.parse says. */
function* readEach<T extends object>(
  path: string,
  readUsual: (reader: LineReader, line: number) => T | typeof skipped | undefined,
  make: (value: unknown, line: number, names: Names) => T,
): Generator<T> {
  const names = new Names()
  const reader = new LineReader(names)
  let number = 0
  for (const bytes of readPieces(path)) {
    reader.open(bytes)
    for (let from = 0; from < bytes.length; ) {
      number++
      reader.begin(from)
      const value = readUsual(reader, number)
      if (value !== undefined) {
        from = reader.at
        if (value !== skipped) yield value
        continue
      }
      const to = bytes.indexOf(newline, from)
      const text = bytes.toString('utf8', from, to)
      from = to + 1
      if (text !== '') yield parse(path, number, text, (parsed) => make(parsed, number, names))
    }
  }
}

function parse<T>(path: string, number: number, text: string, make: (value: unknown) => T): T {
  try {
    return make(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UnreadableError(
        `${path}, line ${number} is no JSON (${error.message}): was the run cut short? Cut the file after line ${number - 1}, or run again`,
      )
    if (error instanceof FormatError)
      throw new UnreadableError(
        `${path}, line ${number} ${error.message}. The format is described in docs/delivery.md; mend what writes it`,
      )
    throw error
  }
}
