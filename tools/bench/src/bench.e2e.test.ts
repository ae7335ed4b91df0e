import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

test('a quick run measures the real server and the floor, writes what it found, and leaves nothing behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-bench-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'bench.json')
  const env = { ...process.env, TMPDIR: folder }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--quick', '--only', 'direct-64', '--json', file], {
    encoding: 'utf8',
    env,
    timeout: 50_000,
  })
  expect(status, stderr).toBe(0)
  expect(stdout).toMatch(/^direct-64 /m)
  const { quick, node, commit, machine, floor, scenarios } = JSON.parse(readFileSync(file, 'utf8'))
  expect({ quick, node, commit, cores: machine.cores }).toEqual({
    quick: true,
    node: process.version,
    commit: expect.stringMatching(/./),
    cores: expect.any(Number),
  })
  expect(floor.cpu_us_per_message).toBeGreaterThan(0)
  expect(scenarios).toHaveLength(1)
  const [direct] = scenarios
  expect(direct.name).toBe('direct-64')
  for (const figure of [
    'throughput_per_s',
    'server_cpu_us_per_delivery',
    'floor_cpu_us_per_delivery',
    'ratio_to_floor',
    'p50_ms',
    'p99_ms',
    'rss_mb',
  ])
    expect(direct[figure], figure).toBeGreaterThan(0)
  expect(direct.p99_ms).toBeGreaterThanOrEqual(direct.p50_ms)
  expect(direct.goals.map(({ at_most }: { at_most: number }) => at_most)).toEqual([2, 20])
  expect(readdirSync(folder)).toEqual(['bench.json'])
})

test('a durable relay is measured in the place of Godwit, and the table says so', () => {
  const args = [main, '--quick', '--only', 'direct-64', '--durable-relay']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 })
  expect(status, stderr).toBe(0)
  expect(stdout).toMatch(/^in Godwit's place: the durable relay$/m)
  expect(stdout).toMatch(/^direct-64 +[\d,.]+ /m)
})
