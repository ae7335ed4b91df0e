import { spreadOf } from '@godwit/bench/measure/spread.ts'
import type { Machine } from '@godwit/bench/report/machine.ts'
import { expect, test } from 'vitest'
import type { Result } from '../bench.ts'
import { NotHere } from '../install/not-here.ts'
import type { Outcome } from '../run.ts'
import { tableOf } from './table.ts'
import { toJson } from './to-json.ts'

const machine: Machine = {
  cpu: 'Some CPU',
  cores: 2,
  memoryMb: 8_192,
  kernel: '6.12',
  node: 'v24.19.0',
  commit: 'abc123',
  at: '2026-11-22T10:00:00.000Z',
  loadBefore: 0.04,
}
const cores = { pinned: [], warning: null, server: 1, load: '0' }
const messages: Result = {
  peer: 'ejabberd-23.01-1, postgres (PostgreSQL) 15.18',
  unit: 'messages per CPU-second',
  godwit: { value: spreadOf([24_000, 25_000, 26_000]), more: { p99_ms: 18 } },
  theirs: { value: spreadOf([1_000, 1_250, 1_250]), more: { p99_ms: Number.NaN } },
  ratio: spreadOf([24, 20, 20.8]),
  goals: [{ what: 'messages per CPU-second to those of ejabberd', unit: 'x', value: 20.8, bound: { atLeast: 30 } }],
  windows: [{ seconds: 4, serverCpuUs: 4e6, helperCpuUs: 1e6, threadCpuUs: new Map(), generatorShare: 0.9, othersShare: 0.3 }],
  notes: ['acked: stored'],
}
const outcomes: readonly Outcome[] = [
  { name: 'ejabberd/direct-64', seconds: 80, result: messages },
  { name: 'ejabberd/memory', seconds: 3, result: new Error('the server has ended by itself\nand this is its log') },
  { name: 'ejabberd/survival', seconds: 0, result: new NotHere('apt-get cannot bring it') },
]

test('the table has both figures, the ratio with its range, goals and marks below, and says why where there is nothing', () => {
  const lines = tableOf(machine, { cores, outcomes }, false).split('\n')
  expect(lines.find((line) => line.startsWith('ejabberd/direct-64'))?.split(/ {2,}/)).toEqual([
    'ejabberd/direct-64',
    'messages per CPU-second',
    '25,000',
    '1,250',
    '20.8 (20-24)',
    '90 % !',
  ])
  expect(lines).toContain('    messages per CPU-second to those of ejabberd 20.8 x, to reach >= 30 x: missed by 1.44 x')
  expect(lines).toContain('    peer: p99_ms -')
  expect(lines).toContain('    the load generator was at its limit: a server may be able to do more')
  expect(lines).toContain("    disturbed: other programs took 30 % of the servers' core")
  expect(lines).toContain('    after 3 s: the server has ended by itself')
  expect(lines.findIndex((line) => line.startsWith('ejabberd/survival  ') && line.includes('skipped'))).toBeGreaterThan(0)
  expect(lines).toContain('    apt-get cannot bring it')
})

test('JSON has the same, with null where nothing was measured', () => {
  const { comparisons, commit } = JSON.parse(JSON.stringify(toJson(machine, { cores, outcomes }, false)))
  expect(commit).toBe('abc123')
  expect(comparisons[0]).toMatchObject({
    name: 'ejabberd/direct-64',
    godwit: { value: { min: 24_000, median: 25_000, max: 26_000 } },
    theirs: { more: { p99_ms: null } },
    ratio: { min: 20, median: 20.8, max: 24 },
    goals: [{ at_least: 30, met: false, missed_by: 1.4423 }],
    others_cpu_share: 0.3,
  })
  expect(comparisons[1].error).toContain('ended by itself')
  expect(comparisons[2]).toEqual({ name: 'ejabberd/survival', skipped: 'apt-get cannot bring it' })
})
