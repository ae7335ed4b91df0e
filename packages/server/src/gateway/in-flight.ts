/** How much work of all sessions is under way, so that a drain can wait for it. */
export class InFlight {
  #count = 0
  #isDraining = false
  #whenIdle: (() => void)[] = []

  /** From here on no session takes up new work. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  started(): void {
    this.#count++
  }

  ended(): void {
    if (--this.#count > 0) return
    const waiting = this.#whenIdle
    this.#whenIdle = []
    for (const wake of waiting) wake()
  }

  /** Answers when what is under way is done. */
  drain(): Promise<void> {
    this.#isDraining = true
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve))
  }
}
