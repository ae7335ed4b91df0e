/** `npm run simulate`: see README.md. */
import { optionsOrExit } from '../../load/src/command-line.ts'
import { help, readOptions } from './options.ts'
import { Report } from './report.ts'
import { runSeed } from './run-seed.ts'
import { runSeeds } from './seed-pool.ts'

/** Between two lines of progress where nobody watches a terminal. */
const progressMs = 10_000

const options = optionsOrExit(help, readOptions)
const report = new Report()
if (options.trace) {
  const outcome = await runSeed(options.from, { keepTrace: true })
  process.stdout.write(outcome.trace.join(''))
  report.take(outcome)
} else {
  const progress = setInterval(() => console.log(report.progress), progressMs)
  try {
    await runSeeds({
      ...options,
      onOutcome(outcome) {
        report.take(outcome)
        return options.stop && report.violations > 0
      },
    })
  } finally {
    clearInterval(progress)
  }
}
process.exitCode = report.end()
