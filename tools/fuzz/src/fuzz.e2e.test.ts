import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { patched } from '../../patch/src/patched.ts'
import { patches } from './testing/planted.ts'

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

test('[T10] it bites: mistakes that were planted are found, and the leak too', { timeout: 600_000 }, async () => {
  const table = new URL('./testing/planted.ts', import.meta.url)
  const names = patches.map(({ name }) => name)
  // The rarest of them needs a frame of bytes on a live socket: some three in 4,000 inputs, and then none.
  const { status, output } = await fuzz(['--inputs', '12000'], patched(table, names))
  expect(status).toBe(1)
  expect(output).toContain('planted: not a value')
  expect(output).toMatch(/crash: Error: planted: nobody catches/)
  expect(output).toMatch(/a refusal \(400\) of another shape/)
  expect(output).toMatch(/defect: INTERNAL\n {2}repeat: npm run fuzz -- --repeat \S+/)
  const [, warm, end, max] = /held (\d+) MiB when warm, (\d+) MiB at the end \(may grow by (\d+) MiB\)/.exec(output) ?? []
  expect(Number(end) - Number(warm)).toBeGreaterThan(Number(max))
})
