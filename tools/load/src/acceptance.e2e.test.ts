import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const acceptance = fileURLToPath(new URL('./acceptance.ts', import.meta.url))

test('[L1-L8] people talk on a real server that is killed, over links that are cut: 0 violations', { timeout: 240_000 }, async () => {
  const { code, output } = await run(['--small'])
  // The seed is in the output: `npm run acceptance -- --small --seed …` repeats people, texts and moments.
  expect(code, output).toBe(0)
  expect(output).toMatch(/^ {2}0 violations$/m)
})

function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [acceptance, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
