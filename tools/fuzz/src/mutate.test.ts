import { expect, test } from 'vitest'
import { createRandom } from '../../load/src/world/random.ts'
import type { Input } from './input.ts'
import { make } from './make.ts'
import { mutate } from './mutate.ts'

/** As a run keeps them: for as long as it lasts, what reached new code is made worse, and that again. */
test('inputs that are made worse for ever stay small', () => {
  const random = createRandom('ebb')
  const kept: Input[] = Array.from({ length: 20 }, () => make(random))
  let largest = 0
  for (let i = 0; i < 3_000; i++) {
    const at = random.int(0, kept.length - 1)
    const worse = mutate(kept[at] as Input, random.pick(kept), random)
    const { length } = JSON.stringify(worse)
    largest = Math.max(largest, length)
    if (length >= JSON.stringify(kept[at]).length || random.next() < 0.3) kept[at] = worse
    if (random.next() < 0.02) kept[at] = make(random)
  }
  expect(largest).toBeLessThan(4_000_000)
}, 60_000)
