/** When figures must not be believed. */
import type { ScenarioResult } from '../bench.ts'
import type { WindowFigures } from '../measure/window.ts'

/** Microseconds of CPU for a 1:1 message that a plain `ws` relay is expected to take: outside of it, no ratio counts. */
export const floorRangeUs = { min: 24, max: 40 } as const
/** From this share of its core on, the generator may be what limits. */
export const generatorBoundFrom = 0.85
/** From this share of the server's core on, others disturb its caches and its latency. */
export const disturbedFrom = 0.05

export function isFloorValid(us: number): boolean {
  return us >= floorRangeUs.min && us <= floorRangeUs.max
}

export function highest(windows: readonly WindowFigures[], share: 'generatorShare' | 'othersShare'): number {
  return Math.max(0, ...windows.map((window) => window[share]))
}

export function isGeneratorBound({ windows }: ScenarioResult): boolean {
  return highest(windows, 'generatorShare') > generatorBoundFrom
}

export function isDisturbed({ windows }: ScenarioResult): boolean {
  return highest(windows, 'othersShare') > disturbedFrom
}
