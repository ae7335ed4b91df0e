/** docs/security.md is held to the tests: each threat that applies has tests with its number, where the page says. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Those of a conformance suite are named by what they hold to it. */
const testFiles = execFileSync('git', ['ls-files', '*.test.ts', 'packages/conformance/src/*.ts'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }))
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

test.each(table.filter(({ isLater }) => !isLater))(
  'docs/security.md: $number names the files whose tests bear it, all of them',
  ({ number, files }) => {
    expect([...files].sort()).toEqual(testFiles.filter(({ text }) => text.includes(`[${number}]`)).map(({ path }) => path))
  },
)
