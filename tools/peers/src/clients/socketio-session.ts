/**
 * A socket.io client on a bare WebSocket (Engine.IO protocol 4, Socket.IO protocol 5), with as little work as that can be. Packets begin
 * with digits: `0` open, `2` ping, `3` pong, and `4` for those of Socket.IO: `40` connected, `42` event, `43` ack of the event whose
 * number stands behind it. What it waits for as an ack is the acknowledgement callback of the server.
 */
import { Connection } from '@godwit/bench/load/connection.ts'
import type { Talker } from '@godwit/bench/load/exchange.ts'
import type { Ears } from '@godwit/bench/load/session.ts'
import { jsonText } from '@godwit/bench/load/texts.ts'

export interface SocketioOptions {
  readonly port: number
  readonly rooms: readonly string[]
  readonly ears: Ears<SocketioSession>
}

const [zero, two, three, four] = [0x30, 0x32, 0x33, 0x34]
const event = Buffer.from('2["message",')

export class SocketioSession implements Talker {
  /** Connected, and in all of its rooms. */
  readonly ready: Promise<void>
  readonly #readiness = Promise.withResolvers<void>()
  readonly #connection: Connection
  readonly #options: SocketioOptions

  constructor(options: SocketioOptions) {
    this.#options = options
    this.ready = this.#readiness.promise
    this.ready.catch(() => {})
    this.#connection = new Connection({
      port: options.port,
      path: '/socket.io/?EIO=4&transport=websocket',
      hear: (bytes, from, to) => this.#hear(bytes, from, to),
      onEnd: (code) => this.#readiness.reject(new Error(`closed with ${code} before it was live`)),
    })
    this.#connection.opened.catch((error) => this.#readiness.reject(error))
  }

  /** `["message", room, number, text]`; the number of the message is that of the ack as well. */
  say(to: string, n: number): void {
    this.#connection.send(`42${n}["message","${to}",${n},${jsonText(n)}]`)
  }

  end(): void {
    this.#connection.end()
  }

  #hear(bytes: Buffer, from: number, to: number): void {
    switch (bytes[from]) {
      case zero:
        this.#connection.send(`40${JSON.stringify({ rooms: this.#options.rooms })}`)
        break
      case two:
        this.#connection.send('3')
        break
      case four:
        this.#packet(bytes, from + 1, to)
    }
  }

  #packet(bytes: Buffer, from: number, to: number): void {
    const { ears } = this.#options
    if (bytes[from] === two) {
      if (bytes.compare(event, 0, event.length, from, from + event.length) === 0)
        ears.entry(this, numberAt(bytes, from + event.length, to), 0)
    } else if (bytes[from] === three) ears.acked(numberAt(bytes, from + 1, to))
    else if (bytes[from] === zero) this.#readiness.resolve()
    else {
      const text = bytes.toString('utf8', from, to)
      this.#readiness.reject(new Error(text))
      ears.refused(-1, text)
    }
  }
}

function numberAt(bytes: Buffer, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - zero
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return value
}
