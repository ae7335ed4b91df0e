/** Docs and code are held together: what the tables say is what the code has. */
import { existsSync, readFileSync } from 'node:fs'
import { cursorFields, entryFields, format } from '@godwit/history/format.ts'
import { checkNames } from '@godwit/history/verdict.ts'
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { downFrame } from '@godwit/protocol/down.ts'
import { errorTable } from '@godwit/protocol/error-table.ts'
import { retryPolicies } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { upFrame } from '@godwit/protocol/up.ts'
import { describe, expect, test } from 'vitest'

const doc = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('| '))
const cells = (row: string) => row.split('|').map((cell) => cell.trim())

describe('docs/errors.md', () => {
  test('has each error with its HTTP status, retry policy and message, and no other', () => {
    const told = rows(doc('errors.md'))
      .map(cells)
      .filter((row) => row[1]?.startsWith('`'))
    const expected = Object.entries(errorTable).map(([code, { http, message }]) => [
      '',
      `\`${code}\``,
      String(http),
      retryPolicies[code as keyof typeof retryPolicies],
      message,
      '',
    ])
    expect(told).toEqual(expected)
  })
})

describe('docs/limits.md', () => {
  test('[L9] has each limit with its value, and no other', () => {
    const told = rows(doc('limits.md'))
      .map(cells)
      .filter((row) => row[1]?.startsWith('`'))
      .map((row) => [row[1], row[2]])
    expect(told).toEqual(Object.entries(limits).map(([name, value]) => [`\`${name}\``, String(value)]))
  })
})

describe('docs/delivery.md', () => {
  const text = doc('delivery.md')
  const ticked = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string)

  test('has each check of a history, and no other', () => {
    const told = rows(text)
      .map(cells)
      .filter((row) => /^(C\d+|V)$/.test(row[1] ?? ''))
      .map((row) => [row[1], row[2]])
    expect(told).toEqual(Object.entries(checkNames))
  })

  test('has each line of a history and of a dump with each field, and no other', () => {
    const told = rows(text.split('### history.jsonl')[1] ?? '').map(cells)
    const ops = told
      .filter((row) => row[1]?.startsWith('`'))
      .flatMap((row) => ticked(row[2]).map((type) => [...ticked(row[1]), type, ...ticked(row[3]).sort()]))
    const expected = Object.entries(format).flatMap(([op, types]) =>
      Object.entries(types).map(([type, fields]) => [op, type, ...Object.keys(fields).sort()]),
    )
    expect(ops.filter(([op]) => op !== 'op').sort()).toEqual(expected.sort())
    const fieldsOf = (line: string) => ticked(told.find((row) => row[1] === line)?.[2])
    expect(fieldsOf('entry')).toEqual([...Object.keys(entryFields), 'content'])
    expect(fieldsOf('cursor')).toEqual(Object.keys(cursorFields))
  })
})

describe('docs/protocol.md', () => {
  const text = doc('protocol.md')

  test('names each frame, up and down', () => {
    const [up, down] = text.split('## Frames you get') as [string, string]
    for (const { shape } of upFrame.options) expect(up).toContain(`| \`${shape.type.value}\` |`)
    for (const { shape } of downFrame.options) expect(down).toContain(`| \`${shape.type.value}\` |`)
  })

  test('has each close code', () => {
    for (const { code } of Object.values(closeCodes)) expect(text).toContain(`| ${code} |`)
  })
})

describe('ARCHITECTURE.md', () => {
  const text = doc('../ARCHITECTURE.md')

  test('the life of a message names files that exist', () => {
    const steps = rows(text).filter((row) => /^\| \d/.test(row))
    expect(steps.length).toBeGreaterThan(5)
    const paths = steps.flatMap((row) => {
      const [first = '', ...beside] = [...row.matchAll(/`([^`]+\.ts)`/g)].map((match) => match[1] as string)
      return [first, ...beside.map((name) => first.replace(/[^/]+$/, name))]
    })
    expect(paths.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([])
  })
})

describe('docs/requirements.md', () => {
  const text = doc('requirements.md')

  test('has each requirement once, in order', () => {
    expect([...text.matchAll(/^\| (R\d+) \|/gm)].map((match) => match[1])).toEqual(Array.from({ length: 38 }, (_, i) => `R${i + 1}`))
  })

  test('names only files that exist', () => {
    const paths = [...text.matchAll(/`((?:packages|apps|tools|docs)\/[^`]+)`/g)].map((match) => match[1] as string)
    expect(paths.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([])
  })
})
