/** A disk that several lives of a client share, and a store of one life on it that a crash cuts off between any two steps. */
import type { Clock } from '../clock.ts'
import type { Pair, Store } from '../store.ts'
import type { Tabs } from '../tabs.ts'

export class SimDisk {
  /** As they were written: whoever writes a value no longer changes it, and who reads one gets a copy. */
  readonly values = new Map<string, unknown>()
  /** What undoes each write since the last durable one. */
  #unsynced: (() => void)[] = []

  write(changes: readonly Pair[], durable: boolean): void {
    const before = changes.map(([key]) => [key, this.values.get(key)] as const)
    this.#apply(changes)
    if (durable) this.#unsynced = []
    else this.#unsynced.push(() => this.#apply(before))
  }

  /** Of the writes that were not durable the last ones are gone; `kept` is the share that has reached the disk. Answers how many went. */
  cutPower(kept: number): number {
    const lost = this.#unsynced.splice(Math.floor(kept * (this.#unsynced.length + 1)))
    for (const undo of lost.reverse()) undo()
    this.#unsynced = []
    return lost.length
  }

  #apply(changes: readonly Pair[]): void {
    for (const [key, value] of changes) {
      if (value === undefined) this.values.delete(key)
      else this.values.set(key, value)
    }
  }
}

export class SimStore implements Store {
  readonly #disk: SimDisk
  readonly #clock: Clock
  readonly tabs?: Tabs
  #tail: Promise<void> = Promise.resolve()
  dead = false

  constructor(disk: SimDisk, clock: Clock, tabs?: Tabs) {
    this.#disk = disk
    this.#clock = clock
    if (tabs) this.tabs = tabs
  }

  get = (key: string) => this.#step(() => copied(this.#disk.values.get(key)))

  list = (prefix: string) =>
    this.#step(() =>
      [...this.#disk.values]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]): Pair => [key, copied(value)]),
    )

  write = (changes: readonly Pair[], durable: boolean) => this.#step(() => this.#disk.write(changes, durable))

  close = async () => {}

  /** One after another, each with its own delay; a dead life neither changes the disk nor hears of it. */
  #step<T>(run: () => T): Promise<T> {
    const step = this.#tail.then(async () => {
      await this.#wait()
      if (this.dead) await new Promise(() => {})
      const result = run()
      await this.#wait()
      if (this.dead) await new Promise(() => {})
      return result
    })
    this.#tail = step.then(() => {})
    return step
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(this.#clock.random() * 5, resolve)
    })
  }
}

function copied(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
