/** What a run of seeds prints: progress, each seed that failed and how to repeat it, what was reached, and the last line. */
import type { Outcome } from './run-seed.ts'
import { branches, Reached } from './sometimes.ts'

/** From this many seeds on every branch must have been reached. */
const seedsForAllBranches = 200

export class Report {
  readonly #reached = new Reached()
  #seeds = 0
  #operations = 0
  #violations = 0
  readonly #failing: number[] = []

  take({ seed, operations, problems, reached }: Outcome): void {
    this.#seeds++
    this.#operations += operations
    this.#violations += problems.length
    this.#reached.merge(reached)
    if (problems.length === 0) return
    this.#failing.push(seed)
    // The first of each rule: one cause may break a rule hundreds of times.
    const firsts = new Map(problems.toReversed().map(({ rule, message }) => [rule, message]))
    const rules = [...firsts.keys()].sort().join(', ')
    console.log(`\nseed ${seed}: ${problems.length} violations of ${rules}. Repeat it: npm run simulate -- --seed ${seed} --trace`)
    for (const [rule, message] of firsts) console.log(`  ${rule}  ${message}`)
  }

  get progress(): string {
    return `${this.#seeds} seeds, ${this.#operations} operations, ${this.#violations} violations`
  }

  get violations(): number {
    return this.#violations
  }

  /** Prints the rest; answers the exit code. */
  end(): number {
    const width = Math.max(...branches.map(({ length }) => length))
    console.log('\nreached, over all seeds:')
    for (const branch of branches) console.log(`  ${branch.padEnd(width)}  ${this.#reached.counts.get(branch) ?? 0}`)
    const { missing } = this.#reached
    const mustReachAll = this.#seeds >= seedsForAllBranches
    if (missing.length > 0) console.log(`never reached${mustReachAll ? '' : ' (required from 200 seeds on)'}: ${missing.join(', ')}`)
    if (this.#failing.length > 0) console.log(`failing seeds: ${this.#failing.join(' ')}`)
    console.log(this.progress)
    return this.#violations > 0 || (mustReachAll && missing.length > 0) ? 1 : 0
  }
}
