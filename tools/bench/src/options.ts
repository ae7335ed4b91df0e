/** Options of the run, from the command line. */
import { parseArgs } from 'node:util'
import { positiveNumber, wholeNumber } from '@godwit/load/command-line.ts'
import type { Bench } from './bench.ts'
import { scenarios } from './scenarios/all.ts'

export interface RunOptions {
  readonly measured: Bench['measured']
  readonly quick: boolean
  readonly json: string | undefined
  /** Names of scenarios, in the order of the table. */
  readonly only: readonly string[]
  readonly repeats: number | undefined
  readonly windowS: number | undefined
  readonly soakMinutes: number
  /** Folder for a CPU profile of each Godwit server. */
  readonly profile: string | undefined
}

const width = Math.max(...scenarios.map(({ name }) => name.length))

export const help = `npm run bench -- [options]

Starts the real server alone on one core, loads it from another, and tells what a message costs: CPU, latency, memory. Beside
each scenario runs the floor, a bare relay on plain ws without storage, under the same load: figures count as ratios to it, from
one run on one machine. Loopback only; temporary folders; nothing is left behind.

  --quick            shows that everything works, in under a minute; the figures say nothing
  --only NAME,NAME   these scenarios alone
  --json FILE        everything that was measured; see docs/benchmarks
  --repeats N        measured windows a scenario (5; quick: 1)
  --seconds N        of one window (5; quick: 0.5)
  --soak MINUTES     of mixed: how long memory is watched (0)
  --profile FOLDER   a CPU profile of each thread of the server goes there (opens in Chromium's developer tools)
  --durable-relay    in Godwit's place a relay that acks behind the fsync and tells receipts, and does nothing else; for direct-*

${scenarios.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

How to read it: tools/bench/README.md.
`

/** Throws on an unknown option, a bad number or an unknown scenario. */
export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      repeats: { type: 'string' },
      seconds: { type: 'string' },
      soak: { type: 'string' },
      profile: { type: 'string' },
      'durable-relay': { type: 'boolean', default: false },
    },
  })
  const known = scenarios.map(({ name }) => name)
  const only = values.only?.split(',').map((name) => name.trim()) ?? known
  const unknown = only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--only: there is no scenario ${unknown}. There are ${known.join(', ')}`)
  const isDurableRelay = values['durable-relay']
  const notDirect = only.find((name) => !name.startsWith('direct-'))
  if (isDurableRelay && notDirect !== undefined)
    throw new Error(`--durable-relay knows 1:1 messages alone, not ${notDirect}: add --only direct-64`)
  if (isDurableRelay && values.profile !== undefined) throw new Error('--profile is of Godwit: leave out --durable-relay')
  return {
    measured: isDurableRelay ? 'durable relay' : 'godwit',
    quick: values.quick,
    json: values.json,
    only,
    repeats: values.repeats === undefined ? undefined : wholeNumber('--repeats', values.repeats),
    windowS: values.seconds === undefined ? undefined : positiveNumber('--seconds', values.seconds),
    soakMinutes: values.soak === undefined ? 0 : positiveNumber('--soak', values.soak),
    profile: values.profile,
  }
}
