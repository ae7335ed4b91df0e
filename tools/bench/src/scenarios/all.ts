/** Every scenario, in the order in which they run. */
import type { Scenario } from '../bench.ts'
import { direct } from './direct.ts'

export const scenarios: readonly Scenario[] = [
  direct(64, { ratioMax: 2 }),
  direct(1_000, { ratioMax: 1.3 }),
  direct(4_000, { ratioMax: 1, perSMin: 25_000 }),
]
