/**
 * A log-linear histogram, as HdrHistogram has it: every power of two is cut into 128 equal steps, so a value is known to 0.8 % from a
 * microsecond to an hour, in a fixed 36 KB and without an allocation for each value.
 */
const stepsPerOctave = 128
const octaves = 36
/** Below this every whole unit has a bucket of its own. */
const linearMax = stepsPerOctave * 2

export class Histogram {
  readonly #counts = new Float64Array(linearMax + octaves * stepsPerOctave)
  #count = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  /** Milliseconds, kept in whole microseconds. Below zero counts as zero; beyond the last octave, as the last bucket. */
  record(ms: number): void {
    const us = Math.max(0, Math.round(ms * 1_000))
    const index = Math.min(indexOf(us), this.#counts.length - 1)
    this.#counts[index] = (this.#counts[index] as number) + 1
    this.#count++
    if (us > this.#max) this.#max = us
  }

  /** Milliseconds: the smallest value that this share of all values does not exceed, to the upper edge of its bucket; NaN when empty. */
  quantile(share: number): number {
    if (this.#count === 0) return Number.NaN
    const rank = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    for (let index = 0; index < this.#counts.length; index++) {
      seen += this.#counts[index] as number
      if (seen >= rank) return Math.min(upperEdge(index), this.#max) / 1_000
    }
    return this.#max / 1_000
  }

  /** Takes the values of another in. */
  add(other: Histogram): void {
    for (let index = 0; index < this.#counts.length; index++)
      this.#counts[index] = (this.#counts[index] as number) + (other.#counts[index] as number)
    this.#count += other.#count
    this.#max = Math.max(this.#max, other.#max)
  }

  clear(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#max = 0
  }
}

function indexOf(us: number): number {
  if (us < linearMax) return us
  const octave = Math.floor(Math.log2(us)) - 8
  // Math.log2 may be off by one at a power of two; the step says so.
  const step = Math.floor(us / 2 ** (octave + 1)) - stepsPerOctave
  if (step >= stepsPerOctave) return linearMax + (octave + 1) * stepsPerOctave
  return linearMax + octave * stepsPerOctave + Math.max(0, step)
}

/** The largest whole value of a bucket. */
function upperEdge(index: number): number {
  if (index < linearMax) return index
  const octave = Math.floor((index - linearMax) / stepsPerOctave)
  const step = (index - linearMax) % stepsPerOctave
  return (stepsPerOctave + step + 1) * 2 ** (octave + 1) - 1
}
