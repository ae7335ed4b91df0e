/** What a scenario is given, and what it answers. */
import type { Histogram } from './measure/histogram.ts'
import type { Spread } from './measure/spread.ts'
import type { WindowFigures } from './measure/window.ts'
import type { Child } from './servers/child.ts'
import type { GodwitOptions } from './servers/start.ts'

export interface Bench {
  /** Who stands beside the floor: what `startGodwit` starts. */
  readonly measured: 'godwit' | 'durable relay'
  /** A run that shows that everything works, with figures that say nothing. */
  readonly isQuick: boolean
  readonly repeats: number
  /** Of one measured window. */
  readonly windowS: number
  readonly warmUpS: number
  /** For `mixed`: how long memory is watched; 0 for not. */
  readonly soakMinutes: number
  /** One of two sizes. */
  size(full: number, quick: number): number
  progress(text: string): void
  /** A folder that goes when the scenario ends. */
  folder(): string
  /** Both end with the scenario. Their unexpected end fails it. */
  startGodwit(options: GodwitOptions): Promise<Child>
  startFloor(): Promise<Child>
}

export interface Scenario {
  readonly name: string
  /** One line for `--help`. */
  readonly summary: string
  run(bench: Bench): Promise<ScenarioResult>
}

/** A figure that is asked for. */
export interface Goal {
  readonly what: string
  readonly unit: string
  readonly value: number
  readonly bound: { readonly atMost: number } | { readonly atLeast: number }
}

export interface ScenarioResult {
  /** What counts as one delivery: a message at one recipient, an answered request … */
  readonly unit: string
  /** Deliveries of that kind, or of messages, in a second. */
  readonly throughputPerS: Spread
  /** User and system time of all threads of the server. */
  readonly cpuUs: Spread
  /** null where a relay has nothing to compare. */
  readonly floorCpuUs: Spread | null
  readonly ratio: Spread | null
  /** Measured at the load that `latencyAt` tells. */
  readonly latency: Histogram
  readonly latencyAt: string
  readonly rssBytes: number
  readonly peakRssBytes: number
  /** All that the figures rest on, those of the floor included: who else was at work in them. */
  readonly windows: readonly WindowFigures[]
  readonly goals: readonly Goal[]
  /** What else was measured, by name with its unit last. */
  readonly more: Readonly<Record<string, number>>
  /** What a reader must know about these figures. */
  readonly notes: readonly string[]
}
