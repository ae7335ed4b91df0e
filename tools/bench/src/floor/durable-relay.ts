/**
 * What fsync, ack and receipts alone cost on plain `ws`: a relay that numbers messages, appends them to a file, acks behind the fsync,
 * delivers behind the ack, and stores and tells delivered receipts. `npm run bench -- --durable-relay` puts it in Godwit's place.
 *
 * Left out, though Godwit promises it: accounts and rights, an id once and for ever with the same ack for a retry (L3), recovery, and whatever
 * is looked up: history, gaps, resumes (L6, L7), cursors that only rise (L8), slow readers (L9).
 */
import { fdatasync, openSync, write } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { directId } from '@godwit/server/chat/conversation-id.ts'
import { type WebSocket, WebSocketServer } from 'ws'
import { directWorld, userIdOf } from '../seed/world.ts'

type Up =
  | { readonly type: 'hello'; readonly token: string }
  | { readonly type: 'resume' | 'ping' }
  | { readonly type: 'message'; readonly to: ConversationId; readonly clientMsgId: string; readonly text: string }
  | { readonly type: 'ack'; readonly conversationId: ConversationId; readonly seq: number }

interface Room {
  readonly members: readonly UserId[]
  head: number
}

/** A line for the file, and what follows once it is on the disk. */
interface Due {
  readonly line: readonly unknown[]
  readonly stored: () => void
}

/** Of the direct world, as it was seeded: `created` is seq 1. */
const rooms = new Map<ConversationId, Room>()
for (const { members } of directWorld().rooms) {
  const [one, other] = members.map(userIdOf) as [UserId, UserId]
  rooms.set(directId(one, other), { members: [one, other], head: 1 })
}
const clients = new Map<UserId, Client>()
const file = openSync(join(process.env.GODWIT_DATA ?? '', 'durable-relay.log'), 'a')
let due: Due[] = []
let isStoring = false
/** By conversation and user: the last of a receipt's interval counts. */
let receipts = new Map<string, { readonly from: UserId; readonly conversationId: ConversationId; readonly delivered: number }>()

/** A device, and what goes to it in this turn of the event loop: one write for all of it, where the floor has one for each frame. */
class Client {
  userId: UserId = 'u_'
  readonly #socket: WebSocket
  readonly #stream: Duplex
  #frames: Buffer[] = []

  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket
    this.#stream = stream
  }

  send(frame: Buffer): void {
    if (this.#frames.push(frame) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const frames = this.#frames
    this.#frames = []
    this.#stream.cork()
    for (const frame of frames) this.#socket.send(frame, { binary: false })
    this.#stream.uncork()
  }
}

const encoded = (frame: object) => Buffer.from(JSON.stringify(frame))

function hear(client: Client, frame: Up): void {
  switch (frame.type) {
    case 'message':
      take(client, frame)
      break
    case 'ack': {
      const { conversationId, seq } = frame
      receipts.set(`${conversationId} ${client.userId}`, { from: client.userId, conversationId, delivered: seq })
      break
    }
    case 'hello':
      client.userId = JSON.parse(Buffer.from(frame.token.split('.')[1] ?? '', 'base64url').toString()).sub
      clients.set(client.userId, client)
      client.send(encoded({ type: 'welcome', sessionId: 's_' }))
      break
    case 'resume':
      client.send(encoded({ type: 'resumed' }))
      break
    case 'ping':
      client.send(encoded({ type: 'pong' }))
      break
    default:
      throw new Error(`the durable relay knows no such frame: ${JSON.stringify(frame)}`)
  }
}

function take(from: Client, { to: conversationId, clientMsgId, text }: Extract<Up, { type: 'message' }>): void {
  const room = rooms.get(conversationId)
  if (!room) throw new Error(`the durable relay knows no ${conversationId}`)
  const placed = { conversationId, seq: ++room.head, messageId: String(process.hrtime.bigint()), at: Date.now(), clientMsgId }
  const { userId: senderId } = from
  store([conversationId, placed.seq, placed.messageId, placed.at, senderId, clientMsgId, text], () => {
    from.send(encoded({ type: 'ack', status: 'sent', ...placed, duplicate: false }))
    const header = { senderId, count: placed.seq - 1, membershipSeq: 1 }
    toOthers(room, senderId, encoded({ type: 'entry', entry: { kind: 'message', text, ...placed, ...header } }))
  })
}

function tellReceipts(): void {
  for (const { from, conversationId, delivered } of receipts.values()) {
    const receipt = { type: 'receipt', conversationId, userId: from, delivered, read: 0 }
    store([conversationId, from, delivered], () => toOthers(rooms.get(conversationId), from, encoded(receipt)))
  }
  receipts = new Map()
}

function toOthers(room: Room | undefined, from: UserId, frame: Buffer): void {
  for (const member of room?.members ?? []) if (member !== from) clients.get(member)?.send(frame)
}

function store(line: Due['line'], stored: Due['stored']): void {
  if (due.push({ line, stored }) === 1) setImmediate(writeDue)
}

/** All that waits, in one write and one fsync; what comes meanwhile rides in the next. A disk that fails ends the run. */
function writeDue(): void {
  if (isStoring || due.length === 0) return
  isStoring = true
  const batch = due
  due = []
  const bytes = Buffer.from(batch.map(({ line }) => `${JSON.stringify(line)}\n`).join(''))
  write(file, bytes, (error, written) => {
    if (error) throw error
    if (written < bytes.length) throw new Error('the disk took a part of a write')
    fdatasync(file, (failed) => {
      if (failed) throw failed
      isStoring = false
      for (const { stored } of batch) stored()
      writeDue()
    })
  })
}

setInterval(tellReceipts, limits.cursorFlushIntervalMs)

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, clientTracking: false, backlog: 4096 })
server.on('connection', (socket, { socket: stream }) => {
  const client = new Client(socket, stream)
  socket.on('error', () => {})
  socket.on('message', (data) => hear(client, JSON.parse(String(data))))
})
server.on('listening', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on ${address.port}`)
})
