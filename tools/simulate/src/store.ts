/**
 * The store behind simulated nodes: `backend-memory` over one disk, at the end of trips that are slow, lost, repeated or late, with
 * a disk that fills up and whose fsync fails. Nothing is visible before it is synced, as in the real backends: what a power cut
 * takes away was never read by anybody.
 */
import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { type Hostility, hostileTrips, peace, type Trip } from '@godwit/server/chat/testing/hostile-log.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import type { Process } from './process.ts'
import { type StoreWatch, watchStore } from './store-watch.ts'
import { InjectedFault, never, type World } from './world.ts'

const writes = new Set(['append', 'blank', 'project', 'setFlags', 'advance', 'confirm', 'rotate', 'revoke', 'seen', 'setBlock'])

export class Store {
  readonly hostility: Hostility = peace()
  isFull = false
  /** Chance that the fsync of a write fails. */
  syncFails = 0
  projectionFails = 0
  /** Nodes that cannot reach it. */
  readonly cutOff = new Set<Process>()
  readonly #world: World
  readonly #random
  readonly #hostile: Trip
  readonly #isLocal: boolean

  constructor(world: World) {
    this.#world = world
    this.#random = world.random('store')
    this.#isLocal = world.plan.profile === 'local'
    const clock = {
      setTimer: (ms: number, run: () => void) => ({ cancel: world.timeline.setTimer(ms, run) }),
      random: () => this.#random.next(),
    }
    this.#hostile = hostileTrips(clock, this.hostility)
  }

  /** All ports but the bus, as one node reaches them. */
  portsOf(process: Process): Omit<Ports, 'bus'> {
    const { bus: _bus, clock: _clock, ...ports } = openMemory(this.#world.disk)
    const watch = watchStore(this.#world)
    return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, this.#far(process, watch, port)])) as typeof ports
  }

  /** Every method of the port becomes a trip. */
  #far<P extends object>(process: Process, watch: StoreWatch, port: P): P {
    return new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          const answer = await this.#trip(process, String(name), () => Reflect.apply(method, target, args) as Promise<unknown>)
          watch(String(name), args, answer)
          return answer
        }
      },
    })
  }

  #trip(process: Process, name: string, run: () => Promise<unknown>): Promise<unknown> {
    const { trace } = this.#world
    return new Promise((resolve, reject) => {
      if (!process.isAlive) return
      const end = (text: string, settle: () => void) =>
        process.run(() => {
          trace.say(`${process.name} < ${name} ${text}`)
          settle()
        })
      trace.say(`${process.name} > ${name}`)
      this.#travel(process, name, run).then(
        (answer) => end('', () => resolve(answer)),
        (error: unknown) => {
          const known = error instanceof GodwitError ? error : new InjectedFault(error instanceof Error ? error.message : String(error))
          end(known.message, () => reject(known))
        },
      )
      if (process.passes('asked', name) && name === 'append') this.#world.reached.hit('server killed with an append under way')
    })
  }

  #travel(process: Process, name: string, run: () => Promise<unknown>): Promise<unknown> {
    if (this.cutOff.has(process)) return this.#lost()
    return this.#hostile(() => this.#serve(process, name, run))
  }

  async #lost(): Promise<never> {
    await this.#world.wait(2_000 + 10_000 * this.#random.next())
    throw new InjectedFault('no route to the store')
  }

  async #serve(process: Process, name: string, run: () => Promise<unknown>): Promise<unknown> {
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
      if (this.#random.next() < this.syncFails) return this.#syncFailed(process, run)
    }
    if (name === 'append' && !process.isAlive) reached.hit('append applied for a dead node')
    const answer = await run().catch((error: unknown) => {
      // The store itself does not fail: it was asked for what no caller may ask.
      this.#world.unexpected(`${process.name} ${name}`, error)
      throw error
    })
    if (process.passes('done', name) && name === 'append') reached.hit('server killed after the append, before the ack')
    await this.#world.wait(this.#latency())
    return answer
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
