import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { createRandom } from '../../load/src/world/random.ts'
import { makePlan, noFaults } from './plan.ts'

test('over a hundred seeds every fault is on in some runs and off in others, in both profiles, with old conversations and new ones', () => {
  const plans = Array.from({ length: 100 }, (_, seed) => makePlan(createRandom(`${seed} plan`)))
  for (const fault of Object.keys(noFaults) as (keyof typeof noFaults)[]) {
    const on = plans.filter(({ faults }) => faults[fault] > 0)
    expect(on.length, fault).toBeGreaterThan(3)
    expect(on.length, fault).toBeLessThan(97)
  }
  expect(new Set(plans.map(({ profile }) => profile)).size).toBe(2)
  expect(new Set(plans.map(({ ageMs }) => ageMs > limits.markSlackMs)).size).toBe(2)
})
