/** docs/security.md is held to the tests: each threat that applies has tests with its number, where the page says. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const rows = readFileSync(`${root}docs/security.md`, 'utf8')
  .split('\n')
  .filter((line) => /^\| T\d+ \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
const table = rows.map(([, number = '', , , tests = '']) => ({
  number,
  isLater: tests.startsWith('later'),
  files: [...tests.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
}))

test('docs/security.md has each threat once, in order, and says which wait', () => {
  expect(table.map(({ number }) => number)).toEqual(Array.from({ length: 26 }, (_, n) => `T${n + 1}`))
  expect(table.filter(({ isLater }) => isLater).map(({ number }) => number)).toEqual(['T17', 'T18', 'T19', 'T22', 'T23', 'T24'])
})

test.each(table.filter(({ isLater }) => !isLater))('docs/security.md: $number has its tests where the page says', ({ number, files }) => {
  expect(files.length).toBeGreaterThan(0)
  for (const path of files) {
    expect(existsSync(root + path), path).toBe(true)
    expect(readFileSync(root + path, 'utf8'), path).toContain(`[${number}]`)
  }
})
