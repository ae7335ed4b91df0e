/** Options of the run, from the command line. */
import { parseArgs } from 'node:util'
import { positiveNumber, wholeNumber } from '@godwit/load/command-line.ts'
import { blowNames } from './blows.ts'

export interface Options {
  readonly kills: number
  readonly seed: string
  /** Only blows whose name begins so; '' for all. */
  readonly only: string
  readonly stopMs: number
  readonly lanes: number
  /** Where files are kept; undefined for a temporary folder. */
  readonly folder: string | undefined
}

/** `commit` for commit.before, commit.after and the others. */
const beginnings = (names: readonly string[]) => [...new Set(names.map((name) => name.split('.')[0]))].join(', ')

export const help = `npm run crash -- [options]

Kills a real server under the load of real devices, at every named point and system call, starts it again, and judges what all devices
were told against the raw log. Exit code 1 when a law was broken, or a point that was tried was never reached.

  --kills N       so many (100), in rounds of 50
  --seed TEXT     which blows, in which order; printed, the time of day when left out
  --only NAME     blows whose name begins so alone
  --stop-s S      how long a SIGSTOP lasts (20)
  --lanes N       rounds side by side, each with a server of its own (2): while one waits another one works
  --folder PATH   where the files of rounds with violations are kept

Names begin with ${beginnings(blowNames({ syscalls: true }))}.
How to read it: tools/crash/README.md.
`

/** `syscalls` says whether those can be interfered with here. Throws on an unknown option, a bad number or an unknown name. */
export function readOptions(args: readonly string[], { syscalls }: { readonly syscalls: boolean }): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(Date.now()) },
      only: { type: 'string', default: '' },
      'stop-s': { type: 'string', default: '20' },
      lanes: { type: 'string', default: '2' },
      folder: { type: 'string' },
    },
  })
  const names = blowNames({ syscalls })
  // Drawing would go on for ever.
  if (!names.some((name) => name.startsWith(values.only)))
    throw new Error(`--only ${values.only}: no blow that can be drawn here begins so. There are ${beginnings(names)}`)
  return {
    kills: wholeNumber('--kills', values.kills),
    seed: values.seed,
    only: values.only,
    stopMs: positiveNumber('--stop-s', values['stop-s']) * 1_000,
    lanes: wholeNumber('--lanes', values.lanes),
    folder: values.folder,
  }
}
