import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { straceProblem } from './blows.ts'

const program = fileURLToPath(new URL('./crash.ts', import.meta.url))

/** The whole command, and what it has said. It is ended with the test. */
async function crash(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  await using folder = temporaryFolder()
  const child = spawn(process.execPath, [program, '--folder', folder.path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    let output = ''
    child.stdout.on('data', (data) => {
      output += data
    })
    const [code] = await once(child, 'close')
    return { code, output }
  } finally {
    child.kill('SIGTERM')
  }
}

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'godwit-crash-test-'))
  return {
    path,
    async [Symbol.asyncDispose]() {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

// A stop of a second instead of the twenty of the long run: that would be a fifth of the time that all of these may take.
test('[L4] 25 kills at named points, system calls and any moment: no violation of C1-C14', { timeout: 400_000 }, async () => {
  const { code, output } = await crash('--kills', '25', '--seed', 'suite', '--stop-s', '1')
  expect(output).toMatch(/\n\d+ kills, \d+ operations, 0 violations\n$/)
  expect(code).toBe(0)
})

test('system calls can be interfered with here', (context) => {
  const problem = straceProblem()
  if (problem) context.skip(problem)
})
