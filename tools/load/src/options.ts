/** Options of the run, from the command line. */
import { parseArgs } from 'node:util'
import { positiveNumber, wholeNumber } from './command-line.ts'
import { assertPopulation } from './world/world.ts'

export interface RunOptions {
  readonly users: number
  readonly devices: number
  readonly operations: number
  readonly kills: number
  readonly seed: string
  readonly operationsPerS: number
  readonly cutEveryS: number
  readonly workers: number
  /** How long everything may take to become quiet in the end. */
  readonly settleS: number
  /** Quiet for so long is quiet. A heartbeat (30 s) brings what may be lost, such as a cursor: in a long run some are. */
  readonly quietS: number
  /** How late a live message may come: in a long run the machine is overloaded on purpose. */
  readonly lateS: number
  readonly browser: boolean
  /** History, dump and server log are kept here. */
  readonly folder: string | undefined
}

const full = {
  users: 1_200,
  devices: 2_000,
  operations: 50_000,
  kills: 12,
  operationsPerS: 150,
  cutEveryS: 10,
  workers: 2,
  settleS: 300,
  quietS: 35,
  lateS: 300,
}
const small = {
  users: 40,
  devices: 60,
  operations: 1_500,
  kills: 3,
  operationsPerS: 120,
  cutEveryS: 4,
  workers: 1,
  settleS: 60,
  quietS: 5,
  lateS: 30,
}

export const help = `npm run acceptance -- [options]

A real server, killed with no warning while sends are in flight; devices on the real SDK whose links are cut; a judge that
reads the raw log. Prints counts and violations; exits 1 when there are any.

  --small                 ${small.users} users, ${small.devices} devices, ${small.operations} operations, ${small.kills} kills: under a minute
  --users N --devices N --operations N
  --kills N               kill -9 of the server, at random moments
  --seed TEXT             people, texts, plan and moments; printed, random when left out
  --rate N                operations in a second, at most
  --cut-every S           how long a link lives, on average
  --workers N             threads of devices
  --settle S              how long it may take to become quiet in the end
  --no-browser            without the two Chromium pages
  --folder PATH           where history.jsonl, dump.jsonl and server.log go
`

/** Throws on an unknown option, a bad number, or numbers of which no world can be made. */
export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      small: { type: 'boolean', default: false },
      users: { type: 'string' },
      devices: { type: 'string' },
      operations: { type: 'string' },
      kills: { type: 'string' },
      seed: { type: 'string' },
      rate: { type: 'string' },
      'cut-every': { type: 'string' },
      workers: { type: 'string' },
      settle: { type: 'string' },
      'no-browser': { type: 'boolean', default: false },
      folder: { type: 'string' },
    },
  })
  const base = values.small ? small : full
  const options: RunOptions = {
    users: wholeNumber('--users', values.users ?? String(base.users)),
    devices: wholeNumber('--devices', values.devices ?? String(base.devices)),
    operations: wholeNumber('--operations', values.operations ?? String(base.operations)),
    kills: wholeNumber('--kills', values.kills ?? String(base.kills), 0),
    seed: values.seed ?? Math.floor(Math.random() * 1e9).toString(36),
    operationsPerS: positiveNumber('--rate', values.rate ?? String(base.operationsPerS)),
    cutEveryS: positiveNumber('--cut-every', values['cut-every'] ?? String(base.cutEveryS)),
    workers: wholeNumber('--workers', values.workers ?? String(base.workers)),
    settleS: positiveNumber('--settle', values.settle ?? String(base.settleS)),
    quietS: base.quietS,
    lateS: base.lateS,
    browser: !values['no-browser'],
    folder: values.folder,
  }
  assertPopulation(options)
  return options
}
