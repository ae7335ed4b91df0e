/** One mutant in a process of its own: the simulation from seed 1 on, or the test that is named for it. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { patched } from '../../patch/src/patched.ts'
import type { Mutant } from './mutants.ts'

export interface Kill {
  /** null where it was a test. */
  readonly seed: number | null
  /** The rules that were found broken in the first seed that broke any, or the test. */
  readonly by: string
}

const seedsMax = 200
const root = fileURLToPath(new URL('../../../', import.meta.url))
const table = new URL('./mutants.ts', import.meta.url)

/** null when it survives. */
export async function huntMutant({ name, test }: Mutant): Promise<Kill | null> {
  if (test !== undefined) {
    const { code } = await run(name, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', test])
    return code === 0 ? null : { seed: null, by: test }
  }
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const { text } = await run(name, [main, '--seeds', String(seedsMax), '--workers', '1', '--stop'])
  const found = /^seed (\d+): \d+ violations of (.*)\. Repeat it/m.exec(text)
  if (found) return { seed: Number(found[1]), by: found[2] as string }
  const broken = /seed (\d+) broke its thread/.exec(text)
  return broken ? { seed: Number(broken[1]), by: 'its thread broke' } : null
}

function run(name: string, args: readonly string[]): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...patched(table, [name]) } })
  let text = ''
  const take = (chunk: Buffer) => {
    text += chunk.toString()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, text }))
  })
}
