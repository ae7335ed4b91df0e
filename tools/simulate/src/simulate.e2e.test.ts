import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { patched } from '../../patch/src/patched.ts'
import { huntMutant } from './hunt-mutant.ts'
import { type Mutant, patches } from './mutants.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

function expectLawsHeld(seeds: number, env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--seeds', String(seeds)], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...env },
  })
  expect(status, stdout.slice(-8_000) + stderr).toBe(0)
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^${seeds} seeds, \\d+ operations, 0 violations$`))
}

test(
  '[L1][L2][L3][L4][L5][L6][L7][L8] 200 seeds hold every law, and reach every fault and recovery',
  () => expectLawsHeld(200, {}),
  600_000,
)

test('[L2][L6] 60 seeds hold every law where small groups rest too, as large ones do', () => {
  expectLawsHeld(60, patched(new URL('./patches.ts', import.meta.url), ['small-groups-rest']))
}, 600_000)

// Those that die within a seed or two; `npm run mutants` has the others.
const quick = [
  'early-ack',
  'seq-reused',
  'leak-after-removal',
  'blanked-before-the-append',
  'partial-resume',
  'bucket-opened-before-its-ids-are-copied',
  'index-read-before-the-bucket',
]

test.each(quick)(
  'the simulation catches the mutant %s',
  async (name) => {
    const mutant = patches.find((one) => one.name === name) as Mutant
    expect(await huntMutant(mutant)).toMatchObject({ seed: expect.any(Number) })
  },
  120_000,
)
