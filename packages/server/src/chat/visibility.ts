/** Which seqs a user is entitled to: the union of their membership intervals (L6). */
import type { Interval } from '../ports/conversations.ts'

/** Both ends included. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Rising, without overlap; an open interval ends at the head. */
export function visibleRanges(intervals: readonly Interval[], head: number): readonly Range[] {
  const ranges: Range[] = []
  const rising = [...intervals].sort((a, b) => a.from - b.from)
  for (const interval of rising) {
    const range = { from: interval.from, to: Math.min(interval.to ?? head, head) }
    const last = ranges.at(-1)
    if (last && range.from <= last.to + 1) ranges[ranges.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
    else if (range.from <= range.to) ranges.push(range)
  }
  return ranges
}

/** The last seq that is visible; 0 when none is. */
export function lastVisible(intervals: readonly Interval[], head: number): number {
  let last = 0
  for (const { from, to } of intervals) {
    const end = Math.min(to ?? head, head)
    if (from <= end && end > last) last = end
  }
  return last
}

export function isVisible(ranges: readonly Range[], seq: number): boolean {
  return ranges.some((range) => seq >= range.from && seq <= range.to)
}
