/** What all parts of one simulated run share. */
import { type Disk, emptyDisk } from '@godwit/backend-memory/disk.ts'
import { SimClock } from '@godwit/client/testing/sim-clock.ts'
import { minuteOf } from '@godwit/partitioned-log/layout.ts'
import { emptyTables, type TableData } from '@godwit/partitioned-log/testing/memory-tables.ts'
import { createRandom, type Random } from '../../load/src/world/random.ts'
import { Announced } from './announced.ts'
import { makePlan, type Plan } from './plan.ts'
import { Recorder } from './recorder.ts'
import { Reached } from './sometimes.ts'
import { logsInTables, logsOnDisk, type StoredLogs } from './stored-logs.ts'
import { Trace } from './trace.ts'

/** What a port throws because the simulation wanted it to. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault'
}

/** Something found on the way that no check of the history would tell. */
export interface Problem {
  /** A law, or what was broken. */
  readonly rule: string
  readonly message: string
}

export class World {
  readonly seed: number
  readonly plan: Plan
  readonly timeline = new SimClock(1)
  /** All that is stored, but for the logs of `cluster` and `keptTime`. */
  readonly disk: Disk = emptyDisk()
  /** How far time had come, as the store of `local` keeps it. */
  keptTime = 0
  /** The logs of `cluster`. */
  readonly tables: TableData
  readonly logs: StoredLogs
  readonly trace: Trace
  readonly recorder: Recorder
  readonly reached = new Reached()
  readonly problems: Problem[] = []
  readonly announced = new Announced(this)

  constructor(seed: number, keepTrace: boolean) {
    this.seed = seed
    this.trace = new Trace(this.timeline.now, keepTrace)
    this.recorder = new Recorder(this.timeline.now)
    this.plan = makePlan(this.random('plan'))
    const { profile, bucketEntries } = this.plan
    this.tables = emptyTables({ bucketEntries, shards: 2, firstMinute: minuteOf(this.timeline.now()) - 1 })
    this.logs = profile === 'local' ? logsOnDisk(this.disk) : logsInTables(this.tables)
  }

  /** A stream of chance of its own: what one part draws does not shift what another gets. */
  random(stream: string): Random {
    return createRandom(`${this.seed} ${stream}`)
  }

  wait(ms: number): Promise<void> {
    return this.timeline.sleep(ms)
  }

  /** `error` from code that is not expected to throw it. */
  unexpected(where: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.trace.say(`${where}: ${text.split('\n')[0]}`)
    if (!isFault(error)) this.problems.push({ rule: 'unexpected error', message: `${where}: ${text}` })
  }
}

/** An outcome that faults explain: injected, or one of the table. */
function isFault(error: unknown): boolean {
  return error instanceof InjectedFault || (error instanceof Error && error.name === 'GodwitError')
}

export const never = <T>(): Promise<T> => new Promise<T>(() => {})
