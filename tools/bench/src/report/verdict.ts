/** A goal against what was measured. */
import type { Goal } from '../bench.ts'

export interface Verdict {
  readonly met: boolean
  /** How far off, as a factor above 1; 1 when met, NaN when nothing was measured. */
  readonly missedBy: number
}

export function verdictOf({ value, bound }: Goal): Verdict {
  const factor = 'atMost' in bound ? value / bound.atMost : bound.atLeast / value
  return factor <= 1 ? { met: true, missedBy: 1 } : { met: false, missedBy: factor }
}

/** `CPU a message to the floor 2.41 x, to reach <= 2 x: missed by 1.21 x`. */
export function goalLine(goal: Goal): string {
  const { met, missedBy } = verdictOf(goal)
  const [sign, bound] = 'atMost' in goal.bound ? ['<=', goal.bound.atMost] : ['>=', goal.bound.atLeast]
  const outcome = met ? 'met' : Number.isFinite(missedBy) ? `missed by ${missedBy.toFixed(2)} x` : 'not measured'
  return `${goal.what} ${figure(goal.value)} ${goal.unit}, to reach ${sign} ${figure(bound)} ${goal.unit}: ${outcome}`
}

/** Three digits that matter, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const magnitude = Math.abs(value)
  const decimals = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: decimals })
}
