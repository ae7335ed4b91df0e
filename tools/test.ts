// `npm test`: types, lint, then every vitest project (tidy is a unit test). All of it runs even after a failure.
// The last line is `N passed, N failed[, N skipped]`, where types and lint count as one test each.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Report = {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}
type Totals = { passed: number; failed: number; skipped: number }

const scratch = mkdtempSync(join(tmpdir(), 'godwit-test-'))
const results: Record<string, Totals> = { types: check('typecheck'), lint: check('lint'), tests: vitest(process.argv.slice(2)) }
rmSync(scratch, { recursive: true, force: true })

const total: Totals = { passed: 0, failed: 0, skipped: 0 }
for (const one of Object.values(results)) {
  total.passed += one.passed
  total.failed += one.failed
  total.skipped += one.skipped
}
const failing = Object.keys(results).filter((name) => results[name]?.failed !== 0)
console.log(failing.length === 0 ? '\ntypes, lint and tests are fine' : `\nfailing: ${failing.join(', ')}`)
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = total.failed === 0 ? 0 : 1

function check(script: string): Totals {
  const passed = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' }).status === 0
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 }
}

function vitest(args: string[]): Totals {
  const file = join(scratch, 'report.json')
  const { status } = spawnSync('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args], {
    stdio: 'inherit',
  })
  try {
    const report: Report = JSON.parse(readFileSync(file, 'utf8'))
    // A file that fails to load has no tests, yet must count; so must an error outside any test.
    const broken = report.testResults.filter((f) => f.status === 'failed' && f.assertionResults.every((t) => t.status !== 'failed')).length
    const failed = report.numFailedTests + broken
    return {
      passed: report.numPassedTests,
      failed: status === 0 ? failed : Math.max(1, failed),
      skipped: report.numPendingTests + report.numTodoTests,
    }
  } catch {
    console.error('vitest wrote no report: it could not start, or was killed')
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
