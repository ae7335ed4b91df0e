/** Writes the history of one worker, and keeps the counters that the live line shows. */
import { createWriteStream, type WriteStream } from 'node:fs'
import type { HistoryLine } from '@godwit/history/history.ts'

/** Shared between threads: one Int32 each. */
export const counterNames = [
  'started',
  'acked',
  'refused',
  'pending',
  'changes',
  'reads',
  'told',
  'online',
  'cuts',
  'messages',
  'edits',
  'deletes',
  'reactions',
  'away',
  'restarts',
  'opened',
] as const
export type CounterName = (typeof counterNames)[number]

export class Counters {
  readonly #cells: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.#cells = new Int32Array(buffer)
  }

  static buffer(): SharedArrayBuffer {
    return new SharedArrayBuffer(counterNames.length * 4)
  }

  add(name: CounterName, by = 1): void {
    Atomics.add(this.#cells, counterNames.indexOf(name), by)
  }

  get(name: CounterName): number {
    return Atomics.load(this.#cells, counterNames.indexOf(name))
  }
}

/** A history line before its time is taken. */
export type Unstamped<T = HistoryLine> = T extends HistoryLine ? Omit<T, 't'> : never

export class Recorder {
  readonly #file: WriteStream

  constructor(path: string) {
    this.#file = createWriteStream(path)
  }

  /** At its own `t`, or now. */
  record(line: Unstamped & { readonly t?: number }): void {
    this.#file.write(`${JSON.stringify({ t: now(), ...line })}\n`)
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#file.end(resolve))
  }
}

/** Microseconds of the monotonic clock, the same for every process of the machine. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1_000n)
}

/** Kept small and whole: the exact distribution of what is counted, in ms. */
export class Histogram {
  readonly counts = new Map<number, number>()

  add(ms: number): void {
    const bucket = ms < 100 ? Math.round(ms) : Math.round(ms / 10) * 10
    this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + 1)
  }

  merge(other: ReadonlyMap<number, number>): void {
    for (const [ms, count] of other) this.counts.set(ms, (this.counts.get(ms) ?? 0) + count)
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** ms below which this share lies; 0 when there is nothing. */
  quantile(share: number): number {
    let left = this.total * share
    for (const [ms, count] of [...this.counts].sort(([a], [b]) => a - b)) {
      left -= count
      if (left <= 0) return ms
    }
    return 0
  }
}
