import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { check } from './check.ts'
import { readDumpFile, readHistory, writeDumpFile } from './files.ts'
import { generateDump, generateHistory } from './testing/generate.ts'
import { dumpOf, historyOf, said } from './testing/honest-run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-history-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(...lines: readonly (object | string)[]): string {
  const path = join(folder, 'some.jsonl')
  writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return path
}

describe('a history and a dump in files', () => {
  test('come back as they were, each with the number of its line, also when they are longer than a piece', () => {
    const name = 'Großmutter 👵 電車 '.repeat(40_000)
    const rows = said.map((one, i) => (i === 10 ? ([one[0], one[1], one[2], { name }] as const) : one))
    const dump = dumpOf(rows)
    const path = join(folder, 'dump.jsonl')
    writeDumpFile(path, dump)
    expect([...readDumpFile(path).entries]).toEqual(dump.entries.map((entry, i) => ({ ...entry, line: i + 1 })))
    expect([...readDumpFile(path).cursors]).toEqual(dump.cursors)

    const history = historyOf(dump)
    expect([...readHistory(fileOf(...history))]).toEqual(history.map((line, i) => ({ ...line, line: i + 1 })))
    expect(check(readHistory(fileOf(...history)), readDumpFile(path)).kept).toEqual([])
  })

  const deliver = { t: 1, proc: 'd_noor', op: 'deliver', type: 'ok', conv: 'c_00familie', from: 1, to: 4 }
  const view = historyOf(dumpOf(said)).find(({ op }) => op === 'view') as object
  const unreadable: readonly (readonly [what: string, line: object | string, says: RegExp])[] = [
    ['is cut short', '{"t":12,"proc":"d_no', /line 2 is no JSON.*cut the file after line 1/i],
    ['is no object', '[]', /line 2 is no JSON object/],
    ['has no time', { ...deliver, t: undefined }, /line 2 needs t \(a number\) and proc \(a text\)/],
    ['has an unknown op', { ...deliver, op: 'told' }, /line 2 has the unknown op "told"; known are run, send/],
    ['has an unknown type', { ...deliver, type: 'fine' }, /line 2 has the type "fine"; deliver has ok/],
    ['lacks a field', { ...deliver, to: undefined }, /line 2 has nothing as "to" of deliver ok; due is a whole number/],
    ['has a field of another type', { ...deliver, from: '1' }, /line 2 has "1" as "from" of deliver ok/],
    ['has digests that are too short', { ...view, entries: { spans: [[1, 9]], data: 'AAAA' } }, /line 2 has .* as "entries" of view ok/],
  ]
  test.each(unreadable)('a line that %s is named, with what to do', (_what, line, says) => {
    expect(() => [...readHistory(fileOf(deliver, line))]).toThrow(says)
  })

  test('an entry or a cursor of a dump that lacks a field is named', () => {
    const [entry] = dumpOf(said).entries
    expect(() => [...readDumpFile(fileOf({ ...entry, cmid: 7 })).entries]).toThrow(/line 1 has 7 as "cmid" of an entry/)
    expect(() => [...readDumpFile(fileOf({ ...entry, content: undefined })).entries]).toThrow(/line 1 needs "content"/)
    expect(() => [...readDumpFile(fileOf({ cursor: { conv: 'c_00' } })).cursors]).toThrow(/line 1 has nothing as "user" of a cursor/)
  })

  test('a file that is not there is named', () => {
    expect(() => [...readHistory(join(folder, 'nowhere.jsonl'))]).toThrow(/cannot read .*nowhere\.jsonl \(ENOENT\)/)
    expect(() => [...readHistory(folder)]).toThrow(/cannot read .* \(EISDIR\)/)
  })
})

describe('the work it takes', () => {
  test('is one pass over the log and one over the history, however long they are', () => {
    const passes = (operations: number) => {
      const size = { operations, users: 20, conversations: 10 }
      let read = 0
      const counted = <T>(each: Iterable<T>) => ({
        *[Symbol.iterator]() {
          for (const one of each) {
            read++
            yield one
          }
        },
      })
      const { entries, cursors } = generateDump(size)
      const verdict = check(counted(generateHistory(size)), { entries: counted(entries), cursors })
      expect(verdict.kept).toEqual([])
      expect(verdict.figures.get('operations')).toBe(operations)
      return read / operations
    }
    // Begun, acked, stored; and a share of what is told and shown.
    expect(passes(1_000)).toBeLessThan(7)
    expect(passes(10_000)).toBeLessThan(6)
  })
})
