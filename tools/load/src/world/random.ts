/** Chance from a seed: the same seed, the same people, texts and plan. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Whole, in [from, to]. */
  int(from: number, to: number): number
  pick<T>(items: readonly T[]): T
  /** Picks by weight; `weights` need not sum to 1. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T
  /** `count` different items, in random order. */
  sample<T>(items: readonly T[], count: number): T[]
  /** Exponential with this mean: the wait until something that happens at random moments. */
  wait(mean: number): number
}

/** sfc32 (Doty-Humphrey), 128 bits of state, from a text. */
export function createRandom(seed: string): Random {
  let [a, b, c, d] = words(seed)
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 16; i++) next()
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new Error('nothing to pick from')
    return items[int(0, items.length - 1)] as T
  }
  return {
    next,
    int,
    pick,
    weighted(items) {
      let left = next() * items.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, item] of items) {
        left -= weight
        if (left < 0) return item
      }
      return pick(items)[1]
    },
    sample(items, count) {
      const rest = [...items]
      const taken = Math.min(count, rest.length)
      for (let i = 0; i < taken; i++) {
        const j = int(i, rest.length - 1)
        const held = rest[i] as (typeof rest)[number]
        rest[i] = rest[j] as (typeof rest)[number]
        rest[j] = held
      }
      return rest.slice(0, taken)
    },
    wait: (mean) => -Math.log(1 - next()) * mean,
  }
}

/** Picks an index of `count` by Zipf's law with exponent `s`: the k-th is 1/k^s as likely as the first. */
export function createZipf(count: number, s: number, random: Random): () => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let k = 0; k < count; k++) {
    sum += 1 / (k + 1) ** s
    sums[k] = sum
  }
  return () => {
    const target = random.next() * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) > target) high = middle
      else low = middle + 1
    }
    return low
  }
}

function words(seed: string): [number, number, number, number] {
  return [1, 2, 3, 4].map((salt) => {
    let hash = 2_166_136_261 ^ salt
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 16_777_619)
    return hash | 0
  }) as [number, number, number, number]
}
