/**
 * Work that takes turns: so many at once, the others in the order they came. Whoever no longer wants its turn is passed over, so
 * that a crowd which comes back at once, and is cut off again while it waits, costs no more than what it still asks for.
 */
export class Turns {
  readonly #atOnceMax: number
  #atWork = 0
  #waiting: { readonly isWanted: () => boolean; readonly answer: (isMine: boolean) => void }[] = []

  constructor(atOnceMax: number) {
    this.#atOnceMax = atOnceMax
  }

  /** Runs `work` when its turn comes; undefined when it was no longer wanted by then. */
  async run<T>(isWanted: () => boolean, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#atWork < this.#atOnceMax) this.#atWork++
    else if (!(await new Promise<boolean>((answer) => this.#waiting.push({ isWanted, answer })))) return undefined
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  /** Hands the turn on, or gives it back. */
  #next(): void {
    let passed = 0
    for (const { isWanted, answer } of this.#waiting) {
      passed++
      const isMine = isWanted()
      answer(isMine)
      if (!isMine) continue
      this.#waiting = this.#waiting.slice(passed)
      return
    }
    this.#waiting = []
    this.#atWork--
  }
}
