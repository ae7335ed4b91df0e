/** The clocks of simulated processes: one line of time, and for each process its own idea of the date. */
import type { Clock as ClientClock } from '@godwit/client'
import type { SimClock } from '@godwit/client/testing/sim-clock.ts'
import type { Clock as ServerClock } from '@godwit/server/ports/clock.ts'
import type { Random } from '../../load/src/world/random.ts'
import type { Process } from './process.ts'

/** How far the clock of a machine is off, in ms. It may be changed at any time: a clock that is set. */
export interface Skew {
  ms: number
}

/** `notBefore`: as the clock of `backend-local`, it goes on from there at its pace while the machine's is behind. */
export function serverClock(timeline: SimClock, process: Process, skew: Skew, random: Random, notBefore = 0): ServerClock {
  let base = notBefore
  let baseAt = timeline.now()
  return {
    now() {
      const counted = Math.floor(base + timeline.now() - baseAt)
      const machine = Math.floor(timeline.now() + skew.ms)
      if (notBefore > 0 && machine <= counted) return counted
      base = machine
      baseAt = timeline.now()
      return machine
    },
    setTimer: (ms, run) => ({ cancel: timeline.setTimer(ms, () => process.run(run)) }),
    random: () => random.next(),
  }
}

export function clientClock(timeline: SimClock, process: Process, skew: Skew, random: Random): ClientClock {
  return {
    now: () => Math.floor(timeline.now() + skew.ms),
    setTimer: (ms, run) => timeline.setTimer(ms, () => process.run(run)),
    random: () => random.next(),
    randomBytes: (count) => Uint8Array.from({ length: count }, () => random.int(0, 255)),
  }
}
