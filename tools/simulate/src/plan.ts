/**
 * The shape of one run, drawn from its seed. Each kind of fault is on in some runs and off in others (swarm testing): all of them
 * at once would keep anything from ever being deep under way.
 */
import { limits } from '@godwit/protocol/limits.ts'
import type { Random } from '../../load/src/world/random.ts'

/** Chances and rates; 0 is off. */
export interface Faults {
  /** Of a hundred trips to the store, how many go wrong. */
  readonly tripPercent: number
  /** Chance of each hint between nodes. */
  readonly hintLost: number
  readonly hintDoubled: number
  readonly hintLate: number
  readonly requestLost: number
  readonly requestDoubled: number
  /** Mean ms between such events; 0 is never. */
  readonly cutEveryMs: number
  readonly halfOpenEveryMs: number
  readonly stallEveryMs: number
  readonly offlineEveryMs: number
  readonly serverKillEveryMs: number
  readonly freezeEveryMs: number
  readonly clientKillEveryMs: number
  readonly nodeCutEveryMs: number
  readonly storeCutEveryMs: number
  readonly routesFlushedEveryMs: number
  readonly diskFullEveryMs: number
  readonly syncFailedEveryMs: number
  readonly clockSetEveryMs: number
  readonly projectionFails: number
  /** Chance of each link to be cut in the middle of a resume. */
  readonly linkCutEarly: number
}

export interface Plan {
  /** One node whose store dies with it, as in the profile `local`; or several over one store that does not. */
  readonly profile: 'local' | 'cluster'
  readonly nodes: number
  /** N, of the logs of `cluster`. */
  readonly bucketEntries: number
  readonly users: number
  readonly devices: number
  readonly operations: number
  /** Mean ms between operations. */
  readonly paceMs: number
  /** Lifetime of an access token. */
  readonly tokenLifetimeMs: number
  /** Devices that may only poll. */
  readonly polling: number
  readonly faults: Faults
  /** How old the first conversations are when faults begin, in ms. What changed within `markSlackMs` is told in full, what is older in outline. */
  readonly ageMs: number
}

export const noFaults: Faults = {
  tripPercent: 0,
  hintLost: 0,
  hintDoubled: 0,
  hintLate: 0,
  requestLost: 0,
  requestDoubled: 0,
  cutEveryMs: 0,
  halfOpenEveryMs: 0,
  stallEveryMs: 0,
  offlineEveryMs: 0,
  serverKillEveryMs: 0,
  freezeEveryMs: 0,
  clientKillEveryMs: 0,
  nodeCutEveryMs: 0,
  storeCutEveryMs: 0,
  routesFlushedEveryMs: 0,
  diskFullEveryMs: 0,
  syncFailedEveryMs: 0,
  clockSetEveryMs: 0,
  projectionFails: 0,
  linkCutEarly: 0,
}

export function makePlan(random: Random): Plan {
  const profile = random.next() < 0.3 ? 'local' : 'cluster'
  const chance = (of: number, most: number) => (random.next() < of ? most * random.next() : 0)
  const every = (of: number, least: number, most: number) => (random.next() < of ? random.int(least, most) : 0)
  const isCluster = profile === 'cluster'
  return {
    profile,
    nodes: isCluster ? random.int(2, 4) : 1,
    bucketEntries: random.pick([2, 3, 64]),
    users: random.int(3, 5),
    devices: random.int(5, 9),
    operations: random.int(80, 200),
    paceMs: random.pick([60, 150, 400, 1_200]),
    tokenLifetimeMs: random.pick([65_000, 75_000, 120_000, 900_000]),
    polling: random.next() < 0.3 ? 1 : 0,
    faults: {
      tripPercent: chance(0.5, 12),
      hintLost: isCluster ? chance(0.5, 0.6) : 0,
      hintDoubled: isCluster ? chance(0.4, 0.3) : 0,
      hintLate: isCluster ? chance(0.5, 0.5) : 0,
      requestLost: chance(0.4, 0.15),
      requestDoubled: chance(0.4, 0.2),
      cutEveryMs: every(0.6, 1_000, 8_000),
      halfOpenEveryMs: every(0.35, 3_000, 20_000),
      stallEveryMs: every(0.3, 3_000, 15_000),
      offlineEveryMs: every(0.5, 3_000, 15_000),
      serverKillEveryMs: every(0.5, 3_000, 20_000),
      freezeEveryMs: every(0.35, 5_000, 20_000),
      clientKillEveryMs: every(0.5, 2_000, 15_000),
      nodeCutEveryMs: isCluster ? every(0.3, 4_000, 15_000) : 0,
      storeCutEveryMs: isCluster ? every(0.3, 4_000, 20_000) : 0,
      routesFlushedEveryMs: isCluster ? every(0.3, 4_000, 15_000) : 0,
      diskFullEveryMs: every(0.2, 5_000, 20_000),
      syncFailedEveryMs: isCluster ? 0 : every(0.4, 5_000, 20_000),
      clockSetEveryMs: every(0.35, 4_000, 15_000),
      projectionFails: chance(0.4, 0.7),
      linkCutEarly: chance(0.4, 0.4),
    },
    ageMs: random.next() < 0.5 ? 2_000 : limits.markSlackMs + 2 * limits.heartbeatIntervalMs,
  }
}
