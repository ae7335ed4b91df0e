/** The hot functions, each beside what a bare relay does with the same frame. */
import { decodeUp } from '@godwit/protocol/codec.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { command } from '@godwit/server/chat/command.ts'
import { encodeEntry } from '@godwit/server/gateway/encode.ts'
import { Hub, type HubSession } from '@godwit/server/gateway/hub.ts'
import { textOf } from '../load/texts.ts'
import type { Case } from './measure.ts'
import { messageFrame, openTalk } from './talking.ts'

const to: ConversationId = 'c_00UD1ftrkJJ9bjOEydxlu4CA'
const message = messageFrame(to, 7)
const ack = `{"type":"ack","conversationId":"${to}","seq":4711,"status":"delivered"}`
const entry: Extract<Entry, { kind: 'message' }> = {
  kind: 'message',
  text: textOf(7),
  conversationId: to,
  seq: 4_711,
  count: 4_200,
  membershipSeq: 1,
  messageId: '309615160065007616',
  at: 1_777_885_206_537,
  senderId: 'u_lDXl-dnHZWOpMgC05IKE0w',
  clientMsgId: '019df237-5be7-76c1-814e-d48d4ff6a0e0',
}

/** What the floor does with a message. */
const relay = () => Buffer.from(JSON.stringify(JSON.parse(message)))

export async function cases(): Promise<readonly Case[]> {
  const say = await openTalk()
  const { hub, members } = crowd(500)
  return [
    {
      name: 'a message frame is read and checked',
      run: () => decodeUp(message),
      beside: 'JSON.parse of it',
      yardstick: () => JSON.parse(message),
      atMost: 6,
    },
    {
      name: 'a cursor frame is read and checked',
      run: () => decodeUp(ack),
      beside: 'JSON.parse of it',
      yardstick: () => JSON.parse(ack),
      atMost: 10,
    },
    {
      name: 'a message becomes a command with its hash',
      run: () => command({ userId: entry.senderId, deviceId: 'd_ana', sessionId: null }, to, entry.clientMsgId, null, entry, 'a key'),
      beside: 'a relay',
      yardstick: relay,
      atMost: 5,
    },
    {
      name: 'an entry is encoded',
      run: () => encodeEntry(entry),
      beside: 'a relay',
      yardstick: relay,
      atMost: 3,
    },
    {
      name: 'an entry is queued for 500 sessions',
      run: () => hub.entries([{ entry, exceptSessionId: null }], members),
      beside: '100 relays',
      yardstick: () => {
        for (let n = 0; n < 100; n++) relay()
      },
      atMost: 0.5,
    },
    {
      name: 'a message goes through gateway, chat and a log in memory',
      run: say,
      beside: '10 relays',
      yardstick: () => {
        for (let n = 0; n < 10; n++) relay()
      },
      atMost: 8,
    },
  ]
}

/** Sessions that take what they are given. */
function crowd(size: number) {
  const hub = new Hub()
  const members = Array.from({ length: size }, (_, n): UserId => `u_member${n}`)
  for (const userId of members) {
    const session: HubSession = {
      id: userId,
      userId,
      isActive: true,
      push() {},
      pushLater() {},
      pushLossy() {},
      quietHeadMoved() {},
    }
    hub.add(session)
  }
  return { hub, members: new Set(members) }
}
