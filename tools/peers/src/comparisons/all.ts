/** Every comparison, peer by peer. */
import type { Comparison } from '../bench.ts'
import { ejabberd } from '../systems/ejabberd.ts'
import { socketio } from '../systems/socketio.ts'
import type { System } from '../systems/system.ts'
import { tinode } from '../systems/tinode.ts'
import { networkDrops } from './drops.ts'
import { memory } from './memory.ts'
import { direct, group } from './messages.ts'
import { reconnect } from './reconnect.ts'
import { survival } from './survival.ts'

export interface PeerComparisons {
  readonly peer: System
  readonly comparisons: readonly Comparison[]
}

const notStored = 'socket.io stores nothing: its acknowledgement says that a message was handed to the sockets'
const archived =
  "acked: with ejabberd, stream management's <a/> behind the sender's archive; delivered: at the other's client, behind their own archive"
const attached =
  'acked: with Tinode, {ctrl 202} behind its insert; delivered: {data} at the other, who is attached to the topic and answers {note recv}'

export const peers: readonly PeerComparisons[] = [
  {
    peer: socketio,
    comparisons: [
      group(socketio, 'group-500', 1, null, [notStored]),
      group(socketio, 'group-500-burst', 20, 5, [notStored]),
      memory(socketio),
      reconnect(socketio, ['with socket.io nobody is authenticated and nothing missed is told']),
      networkDrops(true),
      networkDrops(false),
    ],
  },
  {
    peer: ejabberd,
    comparisons: [
      direct(ejabberd, 64, 30, [archived]),
      direct(ejabberd, 1_000, 30, [archived]),
      memory(ejabberd),
      reconnect(ejabberd, ['SASL PLAIN, bind, stream management, presence; what was missed is not asked for']),
      survival(ejabberd),
    ],
  },
  {
    peer: tinode,
    comparisons: [
      direct(tinode, 64, 10, [attached]),
      direct(tinode, 1_000, 10, [attached]),
      memory(tinode),
      reconnect(tinode, ['login with a token, `me` with the list of topics, one topic attached']),
      survival(tinode),
    ],
  },
]
