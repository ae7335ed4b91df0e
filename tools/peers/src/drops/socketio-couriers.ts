/**
 * Over socket.io's client with its defaults, and with `retries` and `ackTimeout` as its page on delivery guarantees advises for "at least
 * once": https://socket.io/docs/v4/delivery-guarantees
 */
import { io, type Socket } from 'socket.io-client'
import type { Couriers, Heard } from './courier.ts'

const roomOf = (person: number) => `person-${person}`

/** `urls`: each one's link. Answers when all are connected. */
export async function socketioCouriers(urls: readonly string[], heard: Heard): Promise<Couriers> {
  const sockets = urls.map((url, person) => {
    const socket = io(url, { auth: { rooms: [roomOf(person)] }, retries: 3, ackTimeout: 10_000 })
    socket.on('message', (id: string) => heard(person, id))
    return socket
  })
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.once('connect', resolve))))
  return {
    async send(from, to, { id, text }) {
      await (sockets[from] as Socket).emitWithAck('message', roomOf(to), id, text)
    },
    async end() {
      for (const socket of sockets) socket.disconnect()
    },
  }
}
