import { expect, test } from 'vitest'
import type { Goal, ScenarioResult } from '../bench.ts'
import { Histogram } from '../measure/histogram.ts'
import { spreadOf } from '../measure/spread.ts'
import type { WindowFigures } from '../measure/window.ts'
import type { Machine } from './machine.ts'
import { tableOf } from './table.ts'
import { toJson } from './to-json.ts'
import { isFloorValid } from './trust.ts'
import { figure, goalLine, verdictOf } from './verdict.ts'

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
const cpu: Goal = { what: 'CPU a message to the floor', unit: 'x', value: 2.6, bound: { atMost: 1.3 } }

const windowOf = (generatorShare: number, othersShare: number): WindowFigures => ({
  seconds: 5,
  serverCpuUs: 5e6,
  helperCpuUs: 0,
  threadCpuUs: new Map(),
  generatorShare,
  othersShare,
})

function resultOf(change: Partial<ScenarioResult> = {}): ScenarioResult {
  const latency = new Histogram()
  for (let ms = 1; ms <= 1_000; ms++) latency.record(ms / 10)
  return {
    unit: 'message',
    throughputPerS: spreadOf([21_000, 25_000, 23_000]),
    cpuUs: spreadOf([40, 36, 38]),
    floorCpuUs: spreadOf([30, 29, 31]),
    ratio: spreadOf([1.29, 1.2, 1.31]),
    latency,
    latencyAt: '11,500 messages/s, open loop',
    rssBytes: 200 * 2 ** 20,
    peakRssBytes: 240 * 2 ** 20,
    windows: [windowOf(0.5, 0.01)],
    goals: [cpu],
    more: { ack_p99_ms: Number.NaN },
    notes: [],
    ...change,
  }
}

test('a spread is least, middle and most; of two, the middle between them; of none, nothing', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 })
  expect(spreadOf([4, 2, Number.NaN])).toEqual({ min: 2, median: 3, max: 4 })
  expect(spreadOf([])).toEqual({ min: Number.NaN, median: Number.NaN, max: Number.NaN })
})

test('a goal is met or missed by a factor, whichever way it points', () => {
  expect(verdictOf(cpu)).toEqual({ met: false, missedBy: 2 })
  expect(verdictOf({ ...cpu, value: 1.3 })).toEqual({ met: true, missedBy: 1 })
  expect(verdictOf({ ...cpu, value: 20_000, bound: { atLeast: 25_000 } })).toEqual({ met: false, missedBy: 1.25 })
  expect(verdictOf({ ...cpu, value: 30_000, bound: { atLeast: 25_000 } })).toEqual({ met: true, missedBy: 1 })
  expect(verdictOf({ ...cpu, value: Number.NaN }).met).toBe(false)
  expect(goalLine(cpu)).toBe('CPU a message to the floor 2.6 x, to reach <= 1.3 x: missed by 2.00 x')
  expect(goalLine({ ...cpu, value: Number.NaN })).toContain('not measured')
})

test('figures have three digits that matter', () => {
  expect([0.0123, 2.345, 23.45, 234.5, 23_456].map(figure)).toEqual(['0.01', '2.35', '23.5', '235', '23,456'])
  expect(figure(Number.NaN)).toBe('-')
})

test('a floor outside of its range voids the ratios', () => {
  expect([23.9, 24, 40, 40.1].map(isFloorValid)).toEqual([false, true, true, false])
  const table = (floorMessageUs: number) => tableOf(machine, { cores, measured: 'godwit', floorMessageUs, outcomes: [] }, false)
  expect(table(30)).toContain('the ratios hold')
  expect(table(70)).toContain('void')
})

test('the table has median and range, goals below them, marks where the generator was at its limit or others were at work, and failures by name', () => {
  const outcomes = [
    { name: 'direct-1000', seconds: 60, result: resultOf({ windows: [windowOf(0.9, 0), windowOf(0.3, 0.25)] }) },
    { name: 'list', seconds: 3, result: new Error('the server has ended by itself') },
  ]
  const lines = tableOf(machine, { cores, measured: 'godwit', floorMessageUs: 30, outcomes }, false).split('\n')
  expect(lines.find((line) => line.startsWith('direct-1000'))?.split(/ {2,}/)).toEqual([
    'direct-1000',
    '23,000',
    '38',
    '30',
    '1.29 (1.2-1.31)',
    '50.2',
    '99.3',
    '100',
    '200',
    '90 % !',
  ])
  expect(lines).toContain('    CPU a message to the floor 2.6 x, to reach <= 1.3 x: missed by 2.00 x')
  expect(lines).toContain("    disturbed: other programs took 25 % of the server's core")
  expect(lines).toContain('    the load generator was at its limit: the server may be able to do more')
  expect(lines).toContain('    after 3 s: the server has ended by itself')
})

test('JSON has the fields that are promised, and null where nothing was measured', () => {
  const outcomes = [{ name: 'direct-64', seconds: 60, result: resultOf({ ratio: null, floorCpuUs: null }) }]
  const { scenarios, floor } = JSON.parse(
    JSON.stringify(toJson(machine, { cores, measured: 'godwit', floorMessageUs: 30, outcomes }, false)),
  )
  expect(floor).toEqual({ cpu_us_per_message: 30, valid: true })
  expect(scenarios[0]).toMatchObject({
    name: 'direct-64',
    throughput_per_s: 23_000,
    server_cpu_us_per_delivery: 38,
    floor_cpu_us_per_delivery: null,
    ratio_to_floor: null,
    rss_mb: 200,
    peak_rss_mb: 240,
    spread: { throughput_per_s: { min: 21_000, median: 23_000, max: 25_000 }, ratio_to_floor: null },
    goals: [{ what: cpu.what, value: 2.6, at_most: 1.3, met: false, missed_by: 2 }],
    more: { ack_p99_ms: null },
  })
})
