import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readOptions as readMicro } from './micro/options.ts'
import { readOptions } from './options.ts'
import { readOptions as readDraw } from './pictures/options.ts'

test('bench: a scenario that is not there is named beside those that are; a number that would measure nothing is refused', () => {
  expect(readOptions(['--only', 'direct-64, mixed', '--repeats', '3', '--seconds', '0.5', '--soak', '30'])).toMatchObject({
    only: ['direct-64', 'mixed'],
    repeats: 3,
    windowS: 0.5,
    soakMinutes: 30,
  })
  expect(readOptions([])).toMatchObject({ repeats: undefined, windowS: undefined, soakMinutes: 0 })
  expect(readOptions(['--durable-relay', '--only', 'direct-64']).measured).toBe('durable relay')
  expect(() => readOptions(['--durable-relay'])).toThrow('--durable-relay knows 1:1 messages alone, not group-500: add --only direct-64')
  expect(() => readOptions(['--durable-relay', '--only', 'direct-64', '--profile', 'p/'])).toThrow('--profile is of Godwit')
  expect(() => readOptions(['--only', 'direct-65'])).toThrow('there is no scenario direct-65. There are direct-64')
  expect(() => readOptions(['--repeats', '0.5'])).toThrow('--repeats must be a whole number from 1 on, not 0.5')
  expect(() => readOptions(['--seconds', 'many'])).toThrow('--seconds must be a number above 0, not many')
  expect(() => readOptions(['--soak', 'Infinity'])).toThrow('--soak must be')
  expect(() => readOptions(['--second', '1'])).toThrow("Unknown option '--second'")
})

test('bench:micro: a time is a number above 0', () => {
  expect([readMicro([]), readMicro(['20'])]).toEqual([100, 20])
  for (const text of ['abc', '0', '']) expect(() => readMicro([text]), text).toThrow(`MS must be a number above 0, not ${text}`)
  expect(() => readMicro(['20', '30'])).toThrow('MS alone, not 20 30')
  expect(() => readMicro(['--ms'])).toThrow("Unknown option '--ms'")
})

test('bench:draw: what is no run of the benchmark draws nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-bench-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'bench.json')
  for (const text of [null, '', 'null', '{"comparisons":[]}']) {
    if (text !== null) writeFileSync(file, text)
    expect(() => readDraw([file, folder]), String(text)).toThrow(`FILE must be what \`npm run bench -- --json FILE\` has written; ${file}`)
  }
  writeFileSync(file, '{"server":"durable relay","scenarios":[]}')
  expect(() => readDraw([file, folder])).toThrow('is a run with the durable relay in the place of Godwit')
  writeFileSync(file, '{"scenarios":[]}')
  expect(readDraw([file, folder])).toEqual({ run: { scenarios: [] }, folder })
  expect(() => readDraw([file])).toThrow('FILE and FOLDER are needed')
})
