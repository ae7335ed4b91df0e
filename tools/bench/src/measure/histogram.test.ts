import { createRandom } from '@godwit/load/world/random.ts'
import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

const shares = [0, 0.01, 0.5, 0.9, 0.99, 0.999, 1]

test.each(['exponential', 'uniform', 'two humps'] as const)(
  'quantiles of %s latencies are within a hundredth of the exact ones',
  (shape) => {
    const random = createRandom(shape)
    const histogram = new Histogram()
    const values = Array.from({ length: 20_000 }, () => {
      const ms = shape === 'exponential' ? random.wait(4) : shape === 'uniform' ? random.next() * 900 : random.next() < 0.9 ? 0.3 : 2_000
      histogram.record(ms)
      return Math.round(ms * 1_000) / 1_000
    }).sort((a, b) => a - b)
    for (const share of shares) {
      const exact = values[Math.max(0, Math.ceil(share * values.length) - 1)] as number
      expect(Math.abs(histogram.quantile(share) - exact), `${share} of ${shape}`).toBeLessThanOrEqual(exact * 0.01 + 0.001)
    }
  },
)

test('every value stays in its bucket, at powers of two and around them as well', () => {
  for (let power = 0; power < 32; power++)
    for (const us of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
      const histogram = new Histogram()
      histogram.record(us / 1_000)
      histogram.record(4_000_000)
      const told = histogram.quantile(0.5) * 1_000
      expect(told).toBeGreaterThanOrEqual(us - 0.001)
      expect(told).toBeLessThanOrEqual(us * 1.008 + 0.001)
    }
})

test('an empty one has no quantile, and what lies outside is counted at the edges', () => {
  const histogram = new Histogram()
  expect(histogram.quantile(0.99)).toBeNaN()
  histogram.record(-5)
  histogram.record(1e15)
  expect(histogram.count).toBe(2)
  expect(histogram.quantile(0)).toBe(0)
  expect(histogram.quantile(1)).toBeGreaterThan(3_600_000)
})

test('two added are as if all had been recorded in one', () => {
  const [one, other, both] = [new Histogram(), new Histogram(), new Histogram()]
  for (let i = 1; i <= 1_000; i++) {
    ;(i % 3 === 0 ? one : other).record(i / 7)
    both.record(i / 7)
  }
  one.add(other)
  expect(shares.map((share) => one.quantile(share))).toEqual(shares.map((share) => both.quantile(share)))
  one.clear()
  expect(one.count).toBe(0)
})
