/** Histories and dumps as files of JSON lines, read a piece at a time: their size is bounded by the disk and not by a string. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { CursorRow, Dump, LogEntry } from './dump.ts'
import { assertCursor, assertEntry, assertLine, FormatError } from './format.ts'
import type { HistoryLine } from './history.ts'

/** A file that cannot be judged: says which, at which line, and what to do. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError'
}

/** Small enough that a piece is still in the processor's cache when its lines are parsed. */
const pieceBytes = 1 << 15
const isCursor = /^\s*\{\s*"cursor"/

/** Read anew by every loop over it. Throws `UnreadableError`. */
export function readHistory(path: string): Iterable<HistoryLine> {
  return readEach(path, (value, line, intern) => {
    assertLine(value)
    const named = value as { proc: string; line: number; conv?: string; user?: string }
    named.line = line
    named.proc = intern(named.proc)
    if (named.conv !== undefined) named.conv = intern(named.conv)
    if (named.user !== undefined) named.user = intern(named.user)
    return value
  })
}

/** Entries, then cursors. Throws `UnreadableError`. */
export function readDumpFile(path: string): Dump {
  return {
    entries: readEach(
      path,
      (value, line, intern) => {
        assertEntry(value)
        const entry = value as { -readonly [K in keyof LogEntry]: LogEntry[K] }
        entry.line = line
        entry.conv = intern(entry.conv)
        entry.senderId = intern(entry.senderId)
        return entry as LogEntry
      },
      (text) => !isCursor.test(text),
    ),
    cursors: readEach(
      path,
      (value) => {
        assertCursor(value)
        return (value as { cursor: CursorRow }).cursor
      },
      (text) => isCursor.test(text),
    ),
  }
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

/** Lines in batches, each with the number of its first line, from 1. Some may be empty. */
export function* readLines(path: string): Generator<{ readonly first: number; readonly texts: readonly string[] }> {
  const file = open(path)
  try {
    const decoder = new StringDecoder('utf8')
    const piece = Buffer.allocUnsafe(pieceBytes)
    let first = 1
    let rest = ''
    for (let bytes = read(path, file, piece); bytes > 0; bytes = read(path, file, piece)) {
      const texts = (rest + decoder.write(piece.subarray(0, bytes))).split('\n')
      rest = texts.pop() ?? ''
      yield { first, texts }
      first += texts.length
    }
    yield { first, texts: [rest] }
  } finally {
    closeSync(file)
  }
}

type Intern = (text: string) => string
type Make<T> = (value: unknown, line: number, intern: Intern) => T

function readEach<T>(path: string, make: Make<T>, isWanted: (text: string) => boolean = () => true): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      const known = new Map<string, string>()
      // One string for each name: a million lines name a thousand devices.
      const intern = (text: string) => {
        const same = known.get(text)
        if (same === undefined) known.set(text, text)
        return same ?? text
      }
      for (const { first, texts } of readLines(path))
        for (let i = 0; i < texts.length; i++) {
          const text = texts[i] as string
          if (text !== '' && isWanted(text)) yield parse(path, first + i, text, make, intern)
        }
    },
  }
}

function parse<T>(path: string, number: number, text: string, make: Make<T>, intern: Intern): T {
  try {
    return make(JSON.parse(text), number, intern)
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

function open(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new UnreadableError(`cannot read ${path} (${(error as NodeJS.ErrnoException).code}): give the path of a file of JSON lines`)
  }
}

function read(path: string, file: number, piece: Buffer): number {
  try {
    return readSync(file, piece)
  } catch (error) {
    throw new UnreadableError(`cannot read ${path} (${(error as NodeJS.ErrnoException).code}): give the path of a file of JSON lines`)
  }
}
