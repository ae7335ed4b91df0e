/**
 * Message ids: 41 bit ms since 2024, 10 bit worker, 12 bit sequence (R7). Unique and rising within a worker, also when the clock
 * steps back, stands before 2024, or more than 4,096 are asked for in a millisecond: then it runs ahead of the clock.
 */
import type { MessageId } from '@godwit/protocol/ids.ts'
import type { Clock } from '../ports/clock.ts'

const epochMs = Date.UTC(2024, 0, 1)
const sequenceMax = 4_096

export class Snowflake {
  readonly #clock: Clock
  readonly #workerBits: bigint
  #lastMs = epochMs
  #sequence = 0

  /** `worker`: 0 to 1,023, one of a kind among live nodes. */
  constructor(clock: Clock, worker: number) {
    if (!Number.isInteger(worker) || worker < 0 || worker > 1_023) throw new RangeError(`worker ${worker} is not in 0..1023`)
    this.#clock = clock
    this.#workerBits = BigInt(worker) << 12n
  }

  next(): MessageId {
    const ms = Math.max(this.#clock.now(), this.#lastMs)
    this.#sequence = ms === this.#lastMs ? this.#sequence + 1 : 0
    this.#lastMs = ms
    if (this.#sequence === sequenceMax) {
      this.#lastMs++
      this.#sequence = 0
    }
    return ((BigInt(this.#lastMs - epochMs) << 22n) | this.#workerBits | BigInt(this.#sequence)).toString()
  }
}
