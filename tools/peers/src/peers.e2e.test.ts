import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Some seconds on a quiet machine. */
const runDeadlineMs = 110_000
const deadline = { timeout: runDeadlineMs + 10_000 }

function run(folder: string, ...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder },
    timeout: runDeadlineMs,
  })
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-peers-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('a quick run measures Godwit beside socket.io, writes what it found, and leaves nothing behind', deadline, () => {
  const folder = temporary()
  const file = join(folder, 'peers.json')
  const only = 'socket.io/group-500-burst,socket.io/memory,socket.io/reconnect'
  const { status, stdout, stderr } = run(folder, '--quick', '--only', only, '--json', file)
  expect(status, stderr).toBe(0)
  const { quick, comparisons } = JSON.parse(readFileSync(file, 'utf8'))
  expect(quick).toBe(true)
  expect(comparisons.map(({ name }: { name: string }) => name)).toEqual(only.split(','))
  for (const { name, godwit, theirs, peer } of comparisons) {
    expect(peer).toMatch(/^socket\.io \d/)
    expect(godwit.value.median, name).toBeGreaterThan(0)
    expect(theirs.value.median, name).toBeGreaterThan(0)
    expect(stdout).toContain(name)
  }
  expect(comparisons[0].goals.map(({ at_least }: { at_least: number }) => at_least)).toEqual([5])
  expect(readdirSync(folder)).toEqual(['peers.json'])
})

test('[L6] under networks that go away again and again, the SDK tells its application every acked message', deadline, () => {
  const folder = temporary()
  const file = join(folder, 'peers.json')
  const { status, stderr } = run(folder, '--quick', '--only', 'socket.io/drops', '--json', file)
  expect(status, stderr).toBe(0)
  const [{ godwit, theirs }] = JSON.parse(readFileSync(file, 'utf8')).comparisons
  expect(godwit.more).toMatchObject({ repeated: 0 })
  expect(godwit.more.drops).toBeGreaterThan(0)
  expect(godwit.more.acked).toBe(godwit.more.sent)
  expect(godwit.value.median).toBe(100)
  expect(theirs.more.acked).toBeGreaterThan(0)
})
