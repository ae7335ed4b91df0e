/**
 * The socket.io server that is measured: what its documentation shows for a chat with rooms, with the advice of its pages on performance
 * tuning and memory usage. `recovery` as the argument turns connection state recovery on, with the values of its page.
 *
 * https://socket.io/docs/v4/rooms/, /performance-tuning/, /memory-usage/, /connection-state-recovery
 */
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const withRecovery = process.argv[2] === 'recovery'
const http = createServer()
const io = new Server(http, {
  serveClient: false,
  ...(withRecovery && { connectionStateRecovery: { maxDisconnectionDuration: 2 * 60 * 1000, skipMiddlewares: true } }),
})

// Memory usage: the first HTTP request of each connection need not be kept.
io.engine.on('connection', (socket: { request: unknown }) => {
  socket.request = null
})

io.on('connection', (socket) => {
  if (!socket.recovered) socket.join(socket.handshake.auth.rooms)
  socket.on('message', (room: string, id: number | string, text: string, acknowledge: () => void) => {
    socket.to(room).emit('message', id, text)
    acknowledge()
  })
})

http.listen(0, '127.0.0.1', () => {
  const address = http.address()
  if (address && typeof address === 'object') console.log(`listening on ${address.port}`)
})
