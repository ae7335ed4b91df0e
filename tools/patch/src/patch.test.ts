import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { applyPatch, type Patch, select } from './patch.ts'
import { patched } from './patched.ts'

const table = new URL('./testing/greetings.ts', import.meta.url)
const greeting = fileURLToPath(new URL('./testing/greeting.ts', import.meta.url))
const godwit = fileURLToPath(new URL('../../../apps/server/bin/godwit.js', import.meta.url))

function run(program: string, names: readonly string[], ...args: readonly string[]) {
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { ...process.env, ...patched(table, names) } })
}

test('a patch applies in the main thread and in worker threads, and none without its name', () => {
  expect(run(greeting, []).stdout).toBe('moin moin\n')
  expect(run(greeting, ['in-chinese']).stdout).toBe('早上好 早上好\n')
})

test('several patches of a file apply together', () => {
  expect(run(greeting, ['in-chinese', 'twice']).stdout).toBe('早上好 早上好 早上好 早上好\n')
})

test('the godwit command takes patches too, and an unknown one ends it at its start', () => {
  expect(run(godwit, ['in-chinese'], '--version').status).toBe(0)
  const { status, stderr } = run(godwit, ['in-klingon'], '--version')
  expect(status).not.toBe(0)
  expect(stderr).toContain('patch in-klingon: not in the table')
})

test('a patch whose text is not there, or is there twice, fails by its name', () => {
  const patch: Patch = { name: 'early-ack', file: 'chat/appender.ts', find: 'ack()', replace: '$&$1' }
  expect(applyPatch('append(); ack(); publish()', patch)).toBe('append(); $&$1; publish()')
  expect(() => applyPatch('append(); publish()', patch)).toThrow('patch early-ack: its text is not in chat/appender.ts: "ack()"')
  expect(() => applyPatch('ack(); ack()', patch)).toThrow('patch early-ack: its text is 2 times in chat/appender.ts')
  expect(() => select([patch, patch], ['early-ack'])).toThrow('the table has several')
})
