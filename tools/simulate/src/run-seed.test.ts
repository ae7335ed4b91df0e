import { expect, test } from 'vitest'
import { runSeed } from './run-seed.ts'

test('the same seed is the same run, to the byte, whatever ran before it', async () => {
  const first = await runSeed(7, { keepTrace: true })
  await runSeed(8)
  const again = await runSeed(7, { keepTrace: true })
  expect(again.trace.length).toBeGreaterThan(2_000)
  expect(again.trace.findIndex((line, i) => line !== first.trace[i])).toBe(-1)
  expect(again.digest).toBe(first.digest)
  expect(again).toEqual(first)
}, 120_000)

test('another seed is another run', async () => {
  const [one, other] = [await runSeed(1), await runSeed(2)]
  expect(one.digest).not.toBe(other.digest)
}, 120_000)
