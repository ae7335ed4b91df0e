/** Options of the run, from the command line. */
import { parseArgs } from 'node:util'
import { positiveNumber, wholeNumber } from '@godwit/load/command-line.ts'
import { type PeerComparisons, peers } from './comparisons/all.ts'

export interface RunOptions {
  readonly quick: boolean
  readonly json: string | undefined
  /** What is run of each peer; peers with nothing to run are left out. */
  readonly chosen: readonly PeerComparisons[]
  readonly repeats: number | undefined
  readonly windowS: number | undefined
}

const all = peers.flatMap(({ comparisons }) => comparisons)
const width = Math.max(...all.map(({ name }) => name.length))

export const help = `npm run bench:peers -- [options]

Starts Godwit and each peer alone on one core, loads them from another in turn, and tells what each does with a second of CPU. The CPU
of a peer's database counts as the peer's. Peers are installed by the run: npm packages with this repository, Debian packages and what Go
builds into tools/peers/.cache, which git ignores. One that cannot be had here is skipped by name.

  --quick            shows that everything works; the figures say nothing
  --only NAME,NAME   these peers or comparisons alone
  --json FILE        everything that was measured; see docs/benchmarks
  --repeats N        measured windows a comparison (5; quick: 1)
  --seconds N        of one window (4; quick: 0.5)

${all.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

How to read it: docs/benchmarks/peers.md.
`

/** Throws on an unknown option, a bad number or an unknown name. */
export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      repeats: { type: 'string' },
      seconds: { type: 'string' },
    },
  })
  return {
    quick: values.quick,
    json: values.json,
    chosen: choose(values.only?.split(',').map((name) => name.trim())),
    repeats: values.repeats === undefined ? undefined : wholeNumber('--repeats', values.repeats),
    windowS: values.seconds === undefined ? undefined : positiveNumber('--seconds', values.seconds),
  }
}

function choose(only: readonly string[] | undefined): PeerComparisons[] {
  const names = [...peers.map(({ peer }) => peer.name), ...all.map(({ name }) => name)]
  const unknown = only?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`--only: there is no ${unknown}. There are ${names.join(', ')}`)
  const isChosen = (peer: string, name: string) => !only || only.includes(peer) || only.includes(name)
  return peers
    .map(({ peer, comparisons }) => ({ peer, comparisons: comparisons.filter(({ name }) => isChosen(peer.name, name)) }))
    .filter(({ comparisons }) => comparisons.length > 0)
}
