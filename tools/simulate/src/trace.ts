/** Everything that happens in a run, as text: two runs of a seed are the same when their traces are, to the byte. */
import { createHash } from 'node:crypto'

export class Trace {
  readonly #hash = createHash('sha256')
  readonly #now: () => number
  readonly #lines: string[] | null
  #waiting = ''

  /** `keep`: the lines too, not only their hash. */
  constructor(now: () => number, keep: boolean) {
    this.#now = now
    this.#lines = keep ? [] : null
  }

  say(text: string): void {
    const line = `${this.#now().toFixed(3)} ${text}\n`
    this.#lines?.push(line)
    // In large pieces: each costs a call out of JavaScript.
    this.#waiting += line
    if (this.#waiting.length > 65_536) this.#flush()
  }

  get lines(): readonly string[] {
    return this.#lines ?? []
  }

  /** Ends it. */
  digest(): string {
    this.#flush()
    return this.#hash.digest('hex')
  }

  #flush(): void {
    this.#hash.update(this.#waiting)
    this.#waiting = ''
  }
}
