/** Time for what became due meanwhile: connections that were idle for too long are closed first. */
const catchUpMs = 1_000

/**
 * Ctrl-Z (SIGTSTP) stops a long run not at once but where nothing is under way that time could run out for; `fg` (SIGCONT) goes on.
 * `parties` run side by side: the process stops when all of them are there.
 */
export class Pause {
  #parties: number
  #isAsked = false
  /** How long the process was stopped, in all. */
  stoppedMs = 0
  #waiting: (() => void)[] = []

  constructor(parties: number) {
    this.#parties = parties
    process.on('SIGTSTP', () => {
      this.#isAsked = true
    })
  }

  /** A party is at a good moment. Answers whether the run has been stopped meanwhile. */
  async here(): Promise<boolean> {
    if (!this.#isAsked) return false
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    this.#stopWhereAllWait()
    await promise
    return true
  }

  /** A party is done. */
  leave(): void {
    this.#parties--
    this.#stopWhereAllWait()
  }

  #stopWhereAllWait(): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.#parties) return
    const stoppedAt = performance.now()
    process.kill(process.pid, 'SIGSTOP')
    this.stoppedMs += performance.now() - stoppedAt
    this.#isAsked = false
    const waiting = this.#waiting.splice(0)
    setTimeout(() => {
      for (const goOn of waiting) goOn()
    }, catchUpMs)
  }
}
