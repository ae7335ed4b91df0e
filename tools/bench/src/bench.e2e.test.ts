import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { scenarios as allScenarios } from './scenarios/all.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Long enough for a machine that does something else beside it; in quiet it takes about a minute. */
const wholeMs = 300_000

test('a quick run measures every scenario on the real server and the floor, writes what it found, and leaves nothing behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-bench-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'bench.json')
  const env = { ...process.env, TMPDIR: folder }
  const { stdout } = await run(process.execPath, [main, '--quick', '--json', file], { env, timeout: wholeMs })
  const { quick, node, commit, machine, floor, scenarios } = JSON.parse(readFileSync(file, 'utf8'))
  expect({ quick, node, commit, cores: machine.cores }).toEqual({
    quick: true,
    node: process.version,
    commit: expect.stringMatching(/./),
    cores: expect.any(Number),
  })
  expect(floor.cpu_us_per_message).toBeGreaterThan(0)
  expect(scenarios.map(({ name }: { name: string }) => name)).toEqual(allScenarios.map(({ name }) => name))
  for (const scenario of scenarios) {
    expect(stdout).toMatch(new RegExp(`^${scenario.name} `, 'm'))
    for (const figure of ['throughput_per_s', 'server_cpu_us_per_delivery', 'rss_mb'])
      expect(scenario[figure], `${scenario.name}: ${figure}`).toBeGreaterThan(0)
    expect(scenario.goals.length, scenario.name).toBeGreaterThan(0)
  }
  const [direct] = scenarios
  for (const figure of ['floor_cpu_us_per_delivery', 'ratio_to_floor', 'p50_ms', 'p99_ms'])
    expect(direct[figure], figure).toBeGreaterThan(0)
  expect(direct.p99_ms).toBeGreaterThanOrEqual(direct.p50_ms)
  expect(direct.goals.map(({ at_most }: { at_most: number }) => at_most)).toEqual([2, 20])
  expect(readdirSync(folder)).toEqual(['bench.json'])
}, 310_000)

test('a durable relay is measured in the place of Godwit, and the table says so', () => {
  const args = [main, '--quick', '--only', 'direct-64', '--durable-relay']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 })
  expect(status, stderr).toBe(0)
  expect(stdout).toMatch(/^in Godwit's place: the durable relay$/m)
  expect(stdout).toMatch(/^direct-64 +[\d,.]+ /m)
})
