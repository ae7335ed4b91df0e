import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { cpuUs, cpuUsOfTree } from './proc.ts'

test('CPU of a tree has that of processes below, those included that have ended and were waited for', async () => {
  const burn = 'i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done'
  // One below that has ended, one below that goes on; the shell itself only waits.
  const child = spawn('sh', ['-c', `sh -c '${burn}'; sh -c '${burn}; echo done; read line'; :`], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const pid = child.pid as number
  expect(cpuUs(pid)).toBeLessThan(50_000)
  const live = cpuUsOfTree(pid)
  expect(live).toBeGreaterThan(60_000)
  child.stdin.end()
  await once(child, 'close')
  expect(cpuUsOfTree(pid)).toBe(0)
})
