/** What no world of the simulation is large enough for. */
import type { Patch } from '@godwit/patch/patch.ts'

/** A group of three rests for as long as one of 600 does. */
export const patches: readonly Patch[] = [
  { name: 'small-groups-rest', file: 'packages/protocol/src/limits.ts', find: '  fanOutRestUs: 25', replace: '  fanOutRestUs: 5_000' },
]
