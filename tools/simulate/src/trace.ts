/** Everything that happens in a run, as text: two runs of a seed are the same when their traces are, to the byte. */
import { createHash } from 'node:crypto'

export class Trace {
  readonly #hash = createHash('sha256')
  readonly #now: () => number
  readonly #lines: string[] | null
  #count = 0

  /** `keep`: the lines too, not only their hash. */
  constructor(now: () => number, keep: boolean) {
    this.#now = now
    this.#lines = keep ? [] : null
  }

  say(text: string): void {
    const line = `${this.#now().toFixed(3)} ${text}\n`
    this.#hash.update(line)
    this.#count++
    this.#lines?.push(line)
  }

  get count(): number {
    return this.#count
  }

  get lines(): readonly string[] {
    return this.#lines ?? []
  }

  /** Ends it. */
  digest(): string {
    return this.#hash.digest('hex')
  }
}
