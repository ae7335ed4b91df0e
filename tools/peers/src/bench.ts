/** What a comparison is given, and what it answers. */
import type { Goal } from '@godwit/bench/bench.ts'
import type { Spread } from '@godwit/bench/measure/spread.ts'
import type { WindowFigures } from '@godwit/bench/measure/window.ts'
import type { Child } from '@godwit/bench/servers/child.ts'
import type { Cores } from '@godwit/bench/servers/cores.ts'

export interface PeersBench {
  /** A run that shows that everything works, with figures that say nothing. */
  readonly isQuick: boolean
  readonly repeats: number
  /** Of one measured window. */
  readonly windowS: number
  readonly warmUpS: number
  readonly cores: Cores
  /** One of two sizes. */
  size(full: number, quick: number): number
  progress(text: string): void
  /** A folder that goes when the comparison ends. */
  folder(): string
  /** Ends with the comparison. */
  own(starting: Promise<Child>): Promise<Child>
}

export interface Comparison {
  readonly name: string
  /** One line for `--help`. */
  readonly summary: string
  run(bench: PeersBench): Promise<Result>
}

/** What one system did. */
export interface Figures {
  /** The figure that is compared. */
  readonly value: Spread
  /** What else was measured, by name with its unit last. */
  readonly more: Readonly<Record<string, number>>
}

export interface Result {
  readonly peer: string
  /** Of the figure that is compared. */
  readonly unit: string
  readonly godwit: Figures
  readonly theirs: Figures
  /** Godwit's figure to the peer's, within each pair of windows. */
  readonly ratio: Spread
  readonly goals: readonly Goal[]
  readonly windows: readonly WindowFigures[]
  readonly notes: readonly string[]
}
