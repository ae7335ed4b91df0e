import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDumpFile, readHistory, readSide } from './files.ts'
import { assertCursor, assertEntry, assertLine } from './format.ts'
import { opsOf } from './sides.ts'
import { generateDump, generateHistory } from './testing/generate.ts'
import { randomFrom } from './testing/talk.ts'

let path = ''
beforeAll(() => {
  path = join(mkdtempSync(join(tmpdir(), 'godwit-lines-')), 'some.jsonl')
})
afterAll(() => rmSync(join(path, '..'), { recursive: true }))

const size = { operations: 300, users: 12, conversations: 6 }
const history = [...generateHistory(size)].map((line) => JSON.stringify(line))
const entries = [...generateDump(size).entries].map((entry) => JSON.stringify(entry))

/** Values of a field, and letters anywhere, that a reader by hand may take for what they are not. */
const values = [
  '"a\\"b"',
  '"\\u00e9\\n"',
  '"電車 🚆"',
  '""',
  '-1',
  '0',
  '007',
  '1.5',
  '1e3',
  '9007199254740993',
  'null',
  'true',
  '{}',
  '[1]',
  '"\u0001"',
]
const letters = ['"', '\\', '{', '}', ',', ' ', '0', '-', 'n', 'é', '\t', '\u007f', '']

function spoil(text: string, random: () => number): string {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const chance = random()
  if (chance < 0.1) return text
  if (chance < 0.2) return text.replace(/}$/, `,"extra":${pick(values)}}`)
  if (chance < 0.3) return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()))
  if (chance < 0.6) {
    const fields = [...text.matchAll(/:("[^"]*"|\d+|null)/g)]
    const { index, 0: field } = pick(fields)
    return `${text.slice(0, index)}:${pick(values)}${text.slice(index + field.length)}`
  }
  const at = Math.floor(random() * text.length)
  return text.slice(0, at) + pick(letters) + text.slice(at + (random() < 0.5 ? 1 : 0))
}

/** What is read of one line, or that it is refused. */
function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return 'refused'
  }
}

describe('lines of a usual form', () => {
  test.each([1, 2, 3])('are read as JSON.parse reads them, or refused as it does, whatever stands in them (seed %i)', (seed) => {
    const random = randomFrom(seed)
    let refused = 0
    for (let i = 0; i < 400; i++) {
      const text = spoil(history[Math.floor(random() * history.length)] as string, random)
      writeFileSync(path, `${text}\n`)
      const due = attempt(() => {
        const value: unknown = JSON.parse(text)
        assertLine(value)
        return [{ ...value, line: 1 }]
      })
      expect(
        attempt(() => [...readHistory(path)]),
        text,
      ).toEqual(due)
      if (due === 'refused') refused++
    }
    expect(refused).toBeGreaterThan(30)
    expect(refused).toBeLessThan(370)
  })

  test.each([4, 5, 6])('of a dump too (seed %i)', (seed) => {
    const random = randomFrom(seed)
    for (let i = 0; i < 400; i++) {
      const text = spoil(entries[Math.floor(random() * entries.length)] as string, random)
      writeFileSync(path, `${text}\n`)
      const due = attempt(() => {
        const value = JSON.parse(text) as object
        if ('cursor' in value) assertCursor(value)
        else assertEntry(value)
        return [{ ...value, line: 1 }]
      })
      for (const keepsIds of [true, false])
        expect(
          attempt(() => [...readDumpFile(path, keepsIds).entries]),
          text,
        ).toEqual(due)
    }
  })

  const names = ['', 'a', 'é', 'u', 'ab', 'abc', 'a\\"b', '電車', 'd_vater', 'x'.repeat(11), 'x'.repeat(12), 'x'.repeat(200), '🚆']
  test.each([7, 8])('many of them, over several pieces, whatever the names are and however they end (seed %i)', (seed) => {
    const random = randomFrom(seed)
    const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
    const named = (text: string) => text.replace(/"(proc|conv|user|kind)":"[^"]*"/g, (_, name) => `"${name}":"${pick(names)}"`)
    const texts = Array.from({ length: 3_000 }, () => (random() < 0.5 ? pick(history) : named(pick(history))))
    for (const end of ['\n', '\r\n']) {
      writeFileSync(path, texts.join(end))
      const due = texts.map((text, i) => ({ ...JSON.parse(text), line: i + 1 }))
      expect([...readHistory(path)]).toEqual(due)
    }
  })

  test('names that all begin alike are found too, and in no time', () => {
    const texts = Array.from({ length: 40_000 }, (_, i) => {
      const conv = `conversation-${String(i % 20_000).padStart(6, '0')}`
      return JSON.stringify({ t: i, proc: 'd_noor', op: 'cursor', type: 'ok', conv, read: i })
    })
    writeFileSync(path, texts.join('\n'))
    const begun = performance.now()
    const convs = [...readHistory(path)].map((line) => (line.op === 'cursor' ? line.conv : ''))
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(new Set(convs).size).toBe(20_000)
  })

  test('of the other side are skipped; both sides together read everything', () => {
    writeFileSync(path, history.map((text) => `${text}\n`).join(''))
    const all = [...readHistory(path)]
    for (const side of ['sent', 'shown'] as const) {
      const others: readonly string[] = opsOf[side === 'sent' ? 'shown' : 'sent']
      expect([...readSide(path, side)]).toEqual(all.filter(({ op }) => !others.includes(op)))
    }
  })
})
