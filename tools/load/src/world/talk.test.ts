import { limits } from '@godwit/protocol/limits.ts'
import { messageText } from '@godwit/protocol/scalars.ts'
import { expect, test } from 'vitest'
import { createRandom, createZipf } from './random.ts'
import { createTalk } from './talk.ts'

const texts = (seed: string, count: number) => {
  const talk = createTalk(createRandom(seed))
  return Array.from({ length: count }, () => talk.message())
}

test('the same seed says the same things', () => {
  expect(texts('7', 50)).toEqual(texts('7', 50))
  expect(texts('7', 50)).not.toEqual(texts('8', 50))
})

test('every text is one that the protocol takes, mostly of 100 to 200 bytes, with a tail to the limit', () => {
  const bytes = texts('sizes', 20_000).map((text) => {
    expect(messageText.safeParse(text).success, text.slice(0, 80)).toBe(true)
    return Buffer.byteLength(text)
  })
  const share = (from: number, to: number) => bytes.filter((size) => size >= from && size <= to).length / bytes.length
  expect(share(95, 200)).toBeGreaterThan(0.7)
  expect(share(1_000, limits.textBytesMax)).toBeGreaterThan(0.001)
  expect(Math.max(...bytes)).toBeGreaterThan(limits.textBytesMax - 4)
})

test('Zipf: the first is about twice as likely as the second', () => {
  const zipf = createZipf(100, 1, createRandom('zipf'))
  const hits = new Map<number, number>()
  for (let i = 0; i < 50_000; i++) {
    const index = zipf()
    hits.set(index, (hits.get(index) ?? 0) + 1)
  }
  expect((hits.get(0) ?? 0) / (hits.get(1) ?? 1)).toBeCloseTo(2, 0)
  expect(hits.get(99)).toBeGreaterThan(0)
})
