/** Each limit is met by a test that sees what the table says is met there; what cannot be met has its reason in the table. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { atLimit } from '@godwit/protocol/at-limits.ts'
import { type CloseName, closeCodes } from '@godwit/protocol/close-codes.ts'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts', '*.test.tsx'], { cwd: root })
const tests = listed
  .toString()
  .trim()
  .split('\n')
  .filter((path) => !path.startsWith('tools/tidy/') && path !== 'packages/protocol/src/limits.test.ts')
  .map((path) => readFileSync(root + path, 'utf8'))

const has = (text: string, word: string) => new RegExp(`\\b${word}\\b`).test(text)
/** A close is told by its name or its code; a test may also compare with the table itself. */
const words = (met: string) => [met, 'atLimit', ...(Object.hasOwn(closeCodes, met) ? [String(closeCodes[met as CloseName].code)] : [])]

test.each(Object.entries(atLimit).filter(([, met]) => !met.includes(' ')))('[L9] at %s a test meets %s', (name, met) => {
  expect(tests.some((text) => has(text, name) && words(met).some((word) => has(text, word)))).toBe(true)
})

test('[L9] docs/limits.md tells it', () => {
  const rows = readFileSync(`${root}docs/limits.md`, 'utf8').split('\n')
  const told = (name: string, met: string) =>
    rows.some((row) => row.startsWith(`| \`${name}\` |`) && [met, ...words(met)].some((word) => row.includes(word)))
  expect(Object.entries(atLimit).filter(([name, met]) => !told(name, met))).toEqual([])
})
