/**
 * The store behind simulated nodes: `backend-memory` over one disk, and in `cluster` a partitioned log over tables, at the end of trips that are
 * slow, lost, repeated or late, with a disk that fills up and whose fsync fails. A trip is a call of a port, or of a table: what the log
 * does between two of its trips is the node's. Nothing is visible before it is synced, as in the real backends: what a power cut takes away was
 * never read by anybody.
 */
import { memoryEventStream } from '@godwit/backend-memory/event-stream.ts'
import { memoryInbox } from '@godwit/backend-memory/inbox.ts'
import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import { partitionedStream } from '@godwit/partitioned-log/event-stream.ts'
import { partitionedLog } from '@godwit/partitioned-log/partitioned-log.ts'
import { memoryTables } from '@godwit/partitioned-log/testing/memory-tables.ts'
import { type Call, tablesThrough } from '@godwit/partitioned-log/testing/tables-through.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { type Hostility, hostileTrips, peace, type Trip } from '@godwit/server/chat/testing/hostile-log.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import { LogHints } from './log-hints.ts'
import type { Process } from './process.ts'
import { Rolls } from './rolls.ts'
import { watchStore } from './store-watch.ts'
import { InjectedFault, never, type World } from './world.ts'

const portWrites = ['append', 'blank', 'project', 'setFlags', 'advance', 'confirm', 'rotate', 'revoke', 'seen', 'setBlock']
const logTrips = { local: 'append', cluster: 'buckets.append' } as const
/** Rows in several partitions: the argument that has them. */
const rowsOf: Readonly<Record<string, number>> = { 'ids.put': 1, 'amendments.put': 1, 'places.store': 2 }
const writes = new Set([...portWrites, ...Object.keys(rowsOf), 'buckets.append', 'buckets.open', 'buckets.blank', 'activity.put'])

export class Store {
  readonly hostility: Hostility = peace()
  isFull = false
  /** Chance that the fsync of a write fails. */
  syncFails = 0
  projectionFails = 0
  /** Nodes that cannot reach it. */
  readonly cutOff = new Set<Process>()
  readonly hints: LogHints
  readonly #world: World
  readonly #random
  readonly #hostile: Trip
  readonly #isLocal: boolean
  /** The trip that appends. */
  readonly #append: string
  readonly #rolls: Rolls

  constructor(world: World) {
    this.#world = world
    this.#random = world.random('store')
    this.#isLocal = world.plan.profile === 'local'
    this.#append = logTrips[world.plan.profile]
    this.#rolls = new Rolls(world.reached)
    this.hints = new LogHints(world)
    const clock = {
      setTimer: (ms: number, run: () => void) => ({ cancel: world.timeline.setTimer(ms, run) }),
      random: () => this.#random.next(),
    }
    this.#hostile = hostileTrips(clock, this.hostility)
  }

  /** All ports but the bus, as one node reaches them. */
  portsOf(process: Process, clock: Pick<Clock, 'now'>): Omit<Ports, 'bus'> {
    const { bus: _bus, clock: _clock, ...ports } = openMemory(this.#world.disk)
    const watch = watchStore(this.#world)
    const far = Object.entries(ports).map(([name, port]) => [name, this.#calls(port, (call) => watch(call, this.#trip(process, call)))])
    const all = Object.fromEntries(far) as typeof ports
    if (this.#isLocal) return all
    const tables = tablesThrough(memoryTables(this.#world.tables), (call) => watch(call, this.#trip(process, call)))
    const deps = { tables, hints: this.hints, clock }
    const near = <P extends object>(port: P) => this.#calls(port, (call) => watch(call, call.run(call.args)))
    const messageLog = near(partitionedLog(deps))
    const inbox = memoryInbox(this.#world.disk, all.conversations, messageLog)
    return { ...all, messageLog, inbox, eventStream: near(partitionedStream(deps)) }
  }

  /** The stream as it stands at `now`, without trips. */
  streamOf(now: number): EventStream {
    const deps = { tables: memoryTables(this.#world.tables), hints: this.hints, clock: { now: () => now } }
    return this.#isLocal ? memoryEventStream(this.#world.disk) : partitionedStream(deps)
  }

  #calls<P extends object>(port: P, call: (call: Call) => Promise<unknown>): P {
    return new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        const run = (args: readonly unknown[]) => Reflect.apply(method, target, args) as Promise<unknown>
        return (...args: unknown[]) => call({ name: String(name), args, run })
      },
    })
  }

  #trip(process: Process, call: Call): Promise<unknown> {
    const { name } = call
    const { trace } = this.#world
    return new Promise((resolve, reject) => {
      if (!process.isAlive) return
      const end = (text: string, settle: () => void) =>
        process.run(() => {
          trace.say(`${process.name} < ${name} ${text}`)
          settle()
        })
      trace.say(`${process.name} > ${name}`)
      if (name === 'ids.put') this.#rolls.begins(process, call.args)
      this.#travel(process, call).then(
        (answer) => end('', () => resolve(answer)),
        (error: unknown) => {
          const known = error instanceof GodwitError ? error : new InjectedFault(error instanceof Error ? error.message : String(error))
          end(known.message, () => reject(known))
        },
      )
      if (process.passes('asked', name) && name === this.#append) this.#world.reached.hit('server killed with an append under way')
    })
  }

  #travel(process: Process, call: Call): Promise<unknown> {
    if (this.cutOff.has(process)) return this.#lost()
    return this.#hostile(() => this.#serve(process, call))
  }

  async #lost(): Promise<never> {
    await this.#world.wait(2_000 + 10_000 * this.#random.next())
    throw new InjectedFault('no route to the store')
  }

  async #serve(process: Process, { name, args, run }: Call): Promise<unknown> {
    const { reached } = this.#world
    await this.#world.wait(this.#latency())
    if (this.#isLocal && !process.isAlive) return never()
    if (name === 'project' && this.#random.next() < this.projectionFails) {
      reached.hit('projection failed, the log went on')
      throw new InjectedFault('the projection is not there')
    }
    if (writes.has(name)) {
      if (this.isFull) {
        reached.hit('disk full')
        throw new GodwitError('STORAGE_FULL')
      }
      process.passes('written', name)
      await this.#world.wait(this.#latency())
      if (this.#isLocal && !process.isAlive) {
        reached.hit('unsynced write lost with the power')
        return never()
      }
      if (this.#random.next() < this.syncFails) return this.#syncFailed(process, () => run(args))
    }
    if (name === this.#append && !process.isAlive) reached.hit('append applied for a dead node')
    if (this.#isHalved(name, args)) {
      await run(args.map((arg, nth) => (nth === rowsOf[name] ? half(arg as readonly unknown[]) : arg)))
      throw new InjectedFault('a part of the rows was written')
    }
    const answer = await run(args).catch((error: unknown) => {
      // The store itself does not fail: it was asked for what no caller may ask.
      this.#world.unexpected(`${process.name} ${name}`, error)
      throw error
    })
    if (name === 'buckets.open') this.#rolls.ends(process, args)
    if (process.passes('done', name) && name === this.#append) reached.hit('server killed after the append, before the ack')
    await this.#world.wait(this.#latency())
    return answer
  }

  /** No batch holds rows of several partitions together: a failure leaves some of them. */
  #isHalved(name: string, args: readonly unknown[]): boolean {
    const rows = rowsOf[name] === undefined ? [] : (args[rowsOf[name]] as readonly unknown[])
    if (rows.length < 2 || this.#random.next() * 100 >= this.hostility.percent) return false
    this.#world.reached.hit('a part of the rows written')
    return true
  }

  /** Nobody knows what the disk has; the process ends, and what is there is found at the next start. */
  async #syncFailed(process: Process, run: () => Promise<unknown>): Promise<never> {
    this.#world.reached.hit('fsync failed')
    if (this.#random.next() < 0.5) await run()
    process.kill()
    return never()
  }

  /** ms, one way. Some trips take much longer than others, so that they overtake each other. */
  #latency(): number {
    return this.#random.next() < 0.1 ? 30 * this.#random.next() : 3 * this.#random.next()
  }
}

const half = (rows: readonly unknown[]) => rows.slice(0, Math.ceil(rows.length / 2))
