/** The servers of a run: the slots that nodes start in again and again, the store under them, the network before them. */
import type { Skew } from './clocks.ts'
import { Cluster } from './cluster.ts'
import { Network } from './network.ts'
import { type Node, startNode } from './node.ts'
import { noFaults } from './plan.ts'
import { Process } from './process.ts'
import { Store } from './store.ts'
import { InjectedFault, type World } from './world.ts'

export class Cloud {
  readonly store: Store
  readonly cluster: Cluster
  readonly network: Network
  /** Of the machine in each slot. */
  readonly skews: readonly Skew[]
  readonly #world: World
  readonly #random
  #starts = 0

  constructor(world: World) {
    this.#world = world
    this.#random = world.random('cloud')
    this.store = new Store(world)
    this.cluster = new Cluster(world)
    this.network = new Network(world, this.cluster)
    this.skews = Array.from({ length: world.plan.nodes }, () => ({ ms: 0 }))
    // Secrets that a deployment makes once come from the seed.
    const random = world.random('secrets')
    for (const name of ['body-hash-key', 'epoch']) world.disk.secrets.set(name, random.int(0, 2 ** 48).toString(36))
  }

  start(): void {
    for (const slot of this.skews.keys()) this.#start(slot)
  }

  /** No fault is made any more; what is broken stays so until it is mended. */
  calm(): void {
    this.network.faults = noFaults
    this.cluster.faults = noFaults
    this.store.hostility.percent = 0
    this.store.projectionFails = 0
    this.store.hints.lost = 0
    for (const { process } of this.cluster.live) process.lightFuse(null)
  }

  /** SIGTERM, as in a rolling restart. */
  drain(node: Node): void {
    this.#world.reached.hit('server drained')
    node.gateway.drain().then(
      () => node.process.kill(),
      () => node.process.kill(),
    )
  }

  #start(slot: number): void {
    const { timeline, trace, plan } = this.#world
    const worker = plan.profile === 'local' ? 0 : this.#starts
    const process = new Process(`n${slot}#${++this.#starts}`, timeline)
    trace.say(`${process.name} starts`)
    process.onDeath(() => {
      trace.say(`${process.name} is dead`)
      this.cluster.nodes[slot] = null
      for (const link of this.network.openLinks) if (link.node.process === process) link.nodeDied(this.#random.next() < 0.7)
      timeline.setTimer(100 + 3_000 * this.#random.next(), () => this.#start(slot))
    })
    startNode(this.#world, this.cluster, this.store, { slot, process, skew: this.skews[slot] as Skew, worker }).then(
      (node) => {
        if (!process.isAlive) return
        this.cluster.nodes[slot] = node
        trace.say(`${process.name} serves`)
      },
      (error: unknown) => {
        // A store that does not answer at the start ends the process; the supervisor starts it again.
        if (!(error instanceof InjectedFault)) this.#world.unexpected(process.name, error)
        process.kill()
      },
    )
  }
}
