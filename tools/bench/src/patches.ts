/**
 * What a load that no single person could make needs to have lifted: the product has no switch for it. Only the scenarios that say so
 * run with these.
 */
import type { Patch } from '@godwit/patch/patch.ts'

const file = 'packages/protocol/src/limits.ts'
const times = (name: string): Patch => ({ name, file, find: `  ${name}: `, replace: `  ${name}: 1_000_000 * ` })

export const patches: readonly Patch[] = [
  times('rateConnectionBurst'),
  times('rateConnectionPerS'),
  times('rateUserBurst'),
  times('rateUserPerS'),
  times('rateConversationBurst'),
  times('rateConversationPerS'),
]

/** One sender writes faster than the rates of one connection, user or conversation allow. */
export const withoutRates: readonly string[] = patches.map(({ name }) => name)
