/** Where the time of a run goes, by part. Rounds side by side add up to more than the clock on the wall shows. */
export class TimeSpent {
  readonly #ms = new Map<string, number>()

  /** Does `work`, and answers what it answers. */
  async on<T>(part: string, work: () => Promise<T>): Promise<T> {
    const begun = performance.now()
    try {
      return await work()
    } finally {
      this.#ms.set(part, (this.#ms.get(part) ?? 0) + performance.now() - begun)
    }
  }

  line(kills: number): string {
    const perKill = (ms: number) => `${(ms / kills / 1_000).toFixed(2)} s`
    return `a kill took: ${[...this.#ms].map(([part, ms]) => `${part} ${perKill(ms)}`).join(', ')}`
  }
}
