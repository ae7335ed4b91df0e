import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { patched } from '../../patch/src/patched.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/** In a process of its own: coverage is a process's, and so is a crash. */
async function fuzz(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
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
  const { status, output } = await fuzz(['--inputs', '20000'])
  expect(output.trim().split('\n').at(-1), output).toMatch(/^20000 inputs, \d+ accepted, 0 crashes$/)
  expect(output).not.toContain('never accepted')
  expect(status, output).toBe(0)
})

// Each alone: a run reports the first forty defects, and one kind would leave no room for the others.
test.each([
  ['throws-on-one-value', /planted: not a value/, /defect: INTERNAL\n {2}repeat: npm run fuzz -- --repeat \S+/],
  ['throws-outside-of-every-catch', /crash: Error: planted: nobody catches/],
  ['refuses-in-its-own-words', /a refusal \(400\) of another shape/],
  ['leaks', /held \d+ MiB when warm, \d+ MiB at the end/],
])('[T10] it bites: the planted mistake %s is found', { timeout: 600_000 }, async (name, ...tells) => {
  const { status, output } = await fuzz(['--inputs', '3000'], patched(new URL('./testing/planted.ts', import.meta.url), [name]))
  expect(status).toBe(1)
  for (const tell of tells) expect(output).toMatch(tell)
  const [, warm, end, max] = /held (\d+) MiB when warm, (\d+) MiB at the end \(may grow by (\d+) MiB\)/.exec(output) ?? []
  expect(Number(end) - Number(warm) > Number(max)).toBe(name === 'leaks')
})
