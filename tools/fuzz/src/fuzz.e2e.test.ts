import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/** In a process of its own: coverage is a process's, and so is a crash. */
async function fuzz(...args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, output }
}

test('[T10] 20,000 inputs: nothing ends or leaks, every refusal is one of the table, everything is accepted sometimes', {
  timeout: 600_000,
}, async () => {
  const { status, output } = await fuzz('--inputs', '20000')
  expect(output.trim().split('\n').at(-1), output).toMatch(/^20000 inputs, \d+ accepted, 0 crashes$/)
  expect(output).not.toContain('never accepted')
  expect(status, output).toBe(0)
})
