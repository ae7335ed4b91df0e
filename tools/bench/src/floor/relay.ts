/**
 * The floor: a bare relay on plain `ws`. JSON parse, route, JSON stringify, `send` per recipient; no storage, no accounts, no order,
 * no retry, no ack. What Godwit costs is told as a multiple of this.
 */
import { type WebSocket, WebSocketServer } from 'ws'

interface Up {
  readonly type: 'hello' | 'message' | 'ping'
  /** Of a hello: what to listen to. */
  readonly rooms: readonly string[]
  readonly to: string
  readonly clientMsgId: string
  readonly text: string
}

const rooms = new Map<string, Set<WebSocket>>()
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, clientTracking: false, backlog: 4096 })

function enter(socket: WebSocket, room: string): void {
  const sockets = rooms.get(room)
  if (sockets) sockets.add(socket)
  else rooms.set(room, new Set([socket]))
}

function relay(from: WebSocket, { to, clientMsgId, text }: Up): void {
  const frame = JSON.stringify({ type: 'entry', entry: { kind: 'message', text, conversationId: to, at: Date.now(), clientMsgId } })
  for (const socket of rooms.get(to) ?? []) if (socket !== from) socket.send(frame)
}

server.on('connection', (socket) => {
  let own: readonly string[] = []
  socket.on('error', () => {})
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as Up
    if (frame.type === 'message') relay(socket, frame)
    else if (frame.type === 'ping') socket.send(JSON.stringify({ type: 'pong' }))
    else {
      own = frame.rooms
      for (const room of own) enter(socket, room)
      socket.send(JSON.stringify({ type: 'welcome' }))
    }
  })
  socket.on('close', () => {
    for (const room of own) rooms.get(room)?.delete(socket)
  })
})

server.on('listening', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on ${address.port}`)
})
