/** What goes wrong from outside: kills, cuts, freezes, clocks. Each kind strikes at random moments, as often as the plan says. */
import { limits } from '@godwit/protocol/limits.ts'
import type { Random } from '../../load/src/world/random.ts'
import type { Cloud } from './cloud.ts'
import type { Device } from './device.ts'
import type { Faults } from './plan.ts'
import type { World } from './world.ts'

/** In the middle of which the nodes of a cluster are killed; null is any. */
const fatalTrips = ['buckets.append', 'buckets.append', 'buckets.open', 'ids.put', 'activity.put', 'amendments.put', null] as const

const longPauseMsMax = 90_000

export class Nemesis {
  readonly #world: World
  readonly #cloud: Cloud
  readonly #devices: readonly Device[]
  readonly #random: Random
  #isOn = false
  /** Whatever is still broken, and what mends it. */
  readonly #mend = new Set<() => void>()

  constructor(world: World, cloud: Cloud, devices: readonly Device[]) {
    this.#world = world
    this.#cloud = cloud
    this.#devices = devices
    this.#random = world.random('nemesis')
  }

  begin(): void {
    const { faults } = this.#world.plan
    const { store, cluster, network } = this.#cloud
    this.#isOn = true
    network.faults = faults
    cluster.faults = faults
    store.hostility.percent = faults.tripPercent
    store.projectionFails = faults.projectionFails
    store.hints.lost = faults.hintLost
    for (const [rate, strike] of Object.entries(this.#strikes))
      this.#schedule(faults[rate as keyof Faults], () => {
        this.#world.trace.say(`nemesis: ${rate}`)
        strike()
      })
  }

  /** Heals everything: what is down comes up again, and nothing goes wrong any more. */
  end(): void {
    this.#isOn = false
    this.#cloud.calm()
    for (const mend of [...this.#mend]) mend()
  }

  readonly #strikes: Partial<Record<keyof Faults, () => void>> = {
    cutEveryMs: () => this.#cut(),
    halfOpenEveryMs: () => this.#halfOpen(),
    stallEveryMs: () => this.#one(this.#cloud.network.openLinks)?.stall(this.#random.int(500, 20_000)),
    offlineEveryMs: () => this.#goOffline(),
    serverKillEveryMs: () => this.#killServer(),
    freezeEveryMs: () => this.#freeze(),
    clientKillEveryMs: () => this.#killClient(),
    nodeCutEveryMs: () => this.#cutNode(),
    storeCutEveryMs: () => this.#cutStore(),
    routesFlushedEveryMs: () => {
      this.#cloud.cluster.flushRoutes()
      this.#cloud.store.hints.flush()
    },
    diskFullEveryMs: () => this.#fillDisk(),
    syncFailedEveryMs: () => this.#failSync(),
    clockSetEveryMs: () => this.#setClock(),
  }

  #schedule(meanMs: number, strike: () => void): void {
    if (meanMs === 0) return
    this.#world.timeline.setTimer(this.#random.wait(meanMs), () => {
      if (!this.#isOn) return
      strike()
      this.#schedule(meanMs, strike)
    })
  }

  /** Breaks something for a while, or until all is healed. */
  #forAWhile(ms: number, mend: () => void): void {
    const once = () => {
      if (this.#mend.delete(once)) mend()
    }
    this.#mend.add(once)
    this.#world.timeline.setTimer(ms, once)
  }

  #cut(): void {
    const links = this.#cloud.network.openLinks
    const all = this.#random.next() < 0.2
    for (const link of all ? links : this.#random.sample(links, 1)) {
      this.#world.reached.hit('link cut')
      link.cut()
    }
  }

  #halfOpen(): void {
    const link = this.#one(this.#cloud.network.openLinks)
    if (!link) return
    this.#world.reached.hit('half-open link')
    link.goSilent(this.#random.pick(['up', 'down', 'both']))
  }

  #goOffline(): void {
    const device = this.#one(this.#devices)
    if (!device || device.isRevoked) return
    const { network } = this.#cloud
    const { name } = device.process
    this.#world.reached.hit('device without network')
    network.offline.add(name)
    network.silence(name)
    this.#forAWhile(this.#random.int(500, 30_000), () => network.offline.delete(name))
  }

  #killServer(): void {
    const node = this.#one(this.#cloud.cluster.live)
    if (!node) return
    const how = this.#random.next()
    if (how < 0.2) node.process.kill()
    else if (how < 0.35) this.#cloud.drain(node)
    else {
      // In the middle of a command more often than in peace.
      const method = this.#random.pick(this.#world.plan.profile === 'local' ? ['append', 'append', null] : fatalTrips)
      const at = this.#random.pick(['asked', 'written', 'done'] as const)
      node.process.lightFuse({ trips: this.#random.int(1, 4), at, method, burn: () => node.process.kill() })
    }
  }

  /** At any time; or around an append, towards the end of its minute of activity; or behind it, until that minute is long over. */
  #freeze(): void {
    const node = this.#one(this.#cloud.cluster.live)
    if (!node?.process.isRunning) return
    const { process } = node
    const { plan } = this.#world
    const freeze = (ms: number) => {
      this.#world.reached.hit('node frozen while it had work')
      process.stop()
      this.#forAWhile(ms, () => process.goOn())
    }
    // A refresh token that is found in a socket after two rotations counts as stolen: tokens outlive a pause (limits.ts).
    const mayBeLong = plan.profile === 'cluster' && plan.tokenLifetimeMs > 2 * longPauseMsMax
    const inTrip = (method: string, least: number, most: number) =>
      process.lightFuse({ trips: 1, at: 'asked', method, burn: () => freeze(this.#random.int(least, most)) })
    if (plan.profile === 'local' || this.#random.next() < 0.4) freeze(this.#random.int(300, 20_000))
    else if (mayBeLong && this.#random.next() < 0.5) inTrip('buckets.append', 60_000, longPauseMsMax)
    else
      this.#world.timeline.setTimer(Math.max(0, this.#minuteLeftMs - 5_000), () => {
        if (this.#isOn) inTrip(this.#random.pick(['ids.find', 'amendments.put', 'activity.put', 'buckets.append']), 300, 9_500)
      })
  }

  /** By the clocks of nodes that nobody has set. */
  get #minuteLeftMs(): number {
    return limits.activityMinuteMs - (this.#world.timeline.now() % limits.activityMinuteMs)
  }

  #killClient(): void {
    const device = this.#one(this.#devices)
    if (!device?.process.isAlive || device.isRevoked) return
    this.#cloud.network.drop(device.process.name)
    device.kill(this.#random.next() < 0.4)
    this.#forAWhile(this.#random.int(50, 10_000), () => device.start())
  }

  #cutNode(): void {
    const { cluster } = this.#cloud
    const node = this.#one(cluster.live)
    if (!node) return
    this.#world.reached.hit('node cut off from the others')
    cluster.cutOff.add(node.slot)
    this.#forAWhile(this.#random.int(300, 12_000), () => cluster.cutOff.delete(node.slot))
  }

  #cutStore(): void {
    const { store, cluster } = this.#cloud
    const node = this.#one(cluster.live)
    if (!node) return
    this.#world.reached.hit('node cut off from the store')
    store.cutOff.add(node.process)
    this.#forAWhile(this.#random.int(300, 12_000), () => store.cutOff.delete(node.process))
  }

  #fillDisk(): void {
    const { store } = this.#cloud
    store.isFull = true
    this.#forAWhile(this.#random.int(300, 8_000), () => {
      store.isFull = false
    })
  }

  #failSync(): void {
    const { store } = this.#cloud
    store.syncFails = 0.5
    this.#forAWhile(this.#random.int(50, 1_000), () => {
      store.syncFails = 0
    })
  }

  /**
   * While something is under way by no more than the slack of the marks allows for (DESIGN.md section 4); by any amount where one
   * machine starts again with another clock.
   */
  #setClock(): void {
    const { reached, plan } = this.#world
    if (this.#random.next() < 0.4) {
      const device = this.#one(this.#devices)
      if (!device) return
      reached.hit('client clock wrong')
      device.skew.ms = this.#random.int(-3_600_000, 3_600_000)
      return
    }
    const skew = this.#one(this.#cloud.skews)
    if (!skew) return
    const restarts = plan.profile === 'local' && this.#random.next() < 0.5
    if (restarts) for (const node of this.#cloud.cluster.live) node.process.kill()
    const most = restarts ? 3_600_000 : plan.profile === 'local' ? 45_000 : 15_000
    const before = skew.ms
    skew.ms = (restarts || plan.profile === 'cluster' ? 0 : before) + this.#random.int(-most, most)
    reached.hit(skew.ms < before ? 'server clock set back' : 'server clock set forward')
  }

  #one<T>(all: readonly T[]): T | null {
    return all.length > 0 ? this.#random.pick(all) : null
  }
}
