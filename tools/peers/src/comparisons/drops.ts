/** Networks that go away for two seconds again and again: which share of what was acked reaches the recipient's application? */
import { spreadOf } from '@godwit/bench/measure/spread.ts'
import { seed } from '@godwit/bench/seed/seed.ts'
import { startGodwit } from '@godwit/bench/servers/start.ts'
import type { Comparison, PeersBench } from '../bench.ts'
import { type DriveOptions, drive, type Tally } from '../drops/drive.ts'
import type { Drop } from '../drops/flaky-link.ts'
import { godwitCouriers } from '../drops/godwit-couriers.ts'
import { socketioCouriers } from '../drops/socketio-couriers.ts'
import { socketioTitle, startSocketio } from '../systems/socketio.ts'

export function networkDrops(recovery: boolean): Comparison {
  return {
    name: recovery ? 'socket.io/drops' : 'socket.io/drops-plain',
    summary: `each one's network away for 2 s in every 10 s, through the real clients${recovery ? '' : '; socket.io without connection state recovery'}`,
    async run(bench) {
      const theirServer = await bench.own(startSocketio(bench.cores, { recovers: recovery }))
      // Nothing is measured in time here, so both run at once and meet the same moments of the machine.
      const [ours, theirs] = await Promise.all([
        driveGodwit(bench),
        Promise.race([drive({ ...sizes(bench), targetPort: theirServer.port, open: socketioCouriers }), theirServer.died]),
      ])
      const [godwit, peer] = [figuresOf(ours), figuresOf(theirs)]
      return {
        peer: `${socketioTitle}, ${recovery ? 'connection state recovery' : 'no recovery'}, retries 3`,
        unit: '% of acked messages told',
        godwit,
        theirs: peer,
        ratio: spreadOf([godwit.value.median / peer.value.median]),
        goals: [{ what: 'acked messages of Godwit told to the recipient', unit: '%', value: godwit.value.median, bound: { atLeast: 100 } }],
        windows: [],
        notes: ['reset: both ends learn at once; silent: neither does; moved: the client does, the server hears nothing more'],
      }
    },
  }
}

async function driveGodwit(bench: PeersBench): Promise<Record<Drop, Tally>> {
  const { pairs } = sizes(bench)
  const rooms = Array.from({ length: pairs }, (_, pair) => ({ kind: 'direct' as const, members: [pair * 2, pair * 2 + 1] }))
  const world = await seed(bench.folder(), { users: pairs * 2, rooms }, bench.progress)
  const server = await bench.own(startGodwit(bench.cores, { folder: world.folder }))
  const open: DriveOptions['open'] = (urls, heard) => godwitCouriers(world, urls, heard)
  return Promise.race([drive({ ...sizes(bench), targetPort: server.port, open }), server.died])
}

const sizes = (bench: PeersBench) => ({ pairs: bench.size(12, 3), seconds: bench.size(60, 6), lastMs: bench.size(30_000, 2_000) })

function figuresOf(tallies: Record<Drop, Tally>) {
  const all = Object.values(tallies)
  const sum = (key: keyof Tally) => all.reduce((total, tally) => total + tally[key], 0)
  const share = ({ delivered, acked }: { delivered: number; acked: number }) => (delivered / acked) * 100
  return {
    value: spreadOf([share({ delivered: sum('delivered'), acked: sum('acked') })]),
    more: {
      drops: sum('drops'),
      sent: sum('sent'),
      acked: sum('acked'),
      delivered: sum('delivered'),
      repeated: sum('repeated'),
      ...Object.fromEntries(Object.entries(tallies).map(([drop, tally]) => [`${drop}_percent`, share(tally)])),
    },
  }
}
