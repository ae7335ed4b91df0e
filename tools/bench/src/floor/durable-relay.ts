/**
 * The least that Godwit's promise costs on plain `ws`: a relay that numbers messages, appends them to a file, acks behind the fsync,
 * delivers behind the ack, and stores and tells delivered receipts. It has no accounts, rights, limits or history, and what it has
 * written nobody can look up. `npm run bench -- --durable-relay` puts it in Godwit's place.
 */
import { fdatasync, openSync, write } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { openLocal } from '@godwit/backend-local/open-local.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { type WebSocket, WebSocketServer } from 'ws'

interface Room {
  readonly members: readonly UserId[]
  head: number
  /** Seqs by client message id: of the last `knownMax`, more or less. */
  known: Map<string, number>
}

interface Up {
  readonly type: 'hello' | 'resume' | 'message' | 'ack' | 'ping'
  readonly token: string
  readonly to: ConversationId
  readonly clientMsgId: string
  readonly text: string
  readonly conversationId: ConversationId
  readonly seq: number
}

interface Message {
  readonly from: Client
  readonly frame: Up
  readonly seq: number
  readonly at: number
}

interface Receipt {
  readonly from: Client
  readonly room: ConversationId
  readonly delivered: number
}

const knownMax = 100
const folder = process.env.GODWIT_DATA ?? ''
const rooms = await seededRooms()
const clients = new Map<UserId, Client>()
const file = openSync(join(folder, 'durable-relay.log'), 'a')
let messages: Message[] = []
let isWriting = false
let receipts = new Map<string, Receipt>()

/** A device, and what is due to it in this turn of the event loop. */
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
    case 'ack':
      receipts.set(`${frame.conversationId} ${client.userId}`, { from: client, room: frame.conversationId, delivered: frame.seq })
      break
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
  }
}

function take(from: Client, frame: Up): void {
  const room = rooms.get(frame.to)
  if (!room || room.known.has(frame.clientMsgId)) return
  const seq = ++room.head
  if (room.known.size === knownMax) room.known = new Map()
  room.known.set(frame.clientMsgId, seq)
  if (messages.push({ from, frame, seq, at: Date.now() }) === 1) setImmediate(writeMessages)
}

/** All that wait, in one write and one fsync; what comes meanwhile rides in the next. */
function writeMessages(): void {
  if (isWriting || messages.length === 0) return
  isWriting = true
  const batch = messages
  messages = []
  const lines = batch.map(({ from, frame, seq, at }) => [frame.to, seq, at, from.userId, frame.clientMsgId, frame.text])
  store(lines, () => {
    isWriting = false
    for (const message of batch) deliver(message)
    writeMessages()
  })
}

function deliver({ from, frame, seq, at }: Message): void {
  const { to: conversationId, clientMsgId, text } = frame
  const placed = { conversationId, seq, messageId: String(at), at, clientMsgId }
  from.send(encoded({ type: 'ack', status: 'sent', ...placed, duplicate: false }))
  const entry = encoded({ type: 'entry', entry: { kind: 'message', text, ...placed, senderId: from.userId, count: seq, membershipSeq: 1 } })
  for (const member of rooms.get(conversationId)?.members ?? []) if (member !== from.userId) clients.get(member)?.send(entry)
}

function writeReceipts(): void {
  const batch = [...receipts.values()]
  receipts = new Map()
  if (batch.length === 0) return
  const lines = batch.map(({ from, room, delivered }) => [room, from.userId, delivered])
  store(lines, () => {
    for (const { from, room, delivered } of batch) {
      const peer = rooms.get(room)?.members.find((member) => member !== from.userId)
      if (peer) clients.get(peer)?.send(encoded({ type: 'receipt', conversationId: room, userId: from.userId, delivered, read: 0 }))
    }
  })
}

/** Calls back when the lines are on the disk. */
function store(lines: readonly unknown[], done: () => void): void {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  write(file, text, (writing) => fdatasync(file, (syncing) => (writing || syncing ? process.exit(1) : done())))
}

/** The direct conversations in the folder. */
async function seededRooms(): Promise<ReadonlyMap<ConversationId, Room>> {
  const backend = await openLocal({
    folder,
    onFatal(error) {
      throw error
    },
  })
  const found = new Map<ConversationId, Room>()
  for (let user = 0; ; user++) {
    const userId: UserId = `u_bench${user}`
    const memberships = await backend.conversations.membershipsOf(userId)
    if (memberships.length === 0) break
    for (const { conversationId, peerId } of memberships)
      if (peerId) found.set(conversationId, { members: [userId, peerId], head: 1, known: new Map() })
  }
  await backend.close()
  return found
}

setInterval(writeReceipts, limits.cursorFlushIntervalMs)

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
