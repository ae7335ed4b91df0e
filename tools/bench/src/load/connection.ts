/**
 * A WebSocket of the load generator: hand-written frames on a TCP socket. It reads into one buffer that all connections share and
 * writes what is due in a turn of the event loop at once, so that the generator's core is not what limits the server.
 */
import { connect, type Socket } from 'node:net'
import { decodeFrames, encodeFrames, encodePong, type FrameEars, type HearFrame } from './frames.ts'

export interface ConnectionOptions {
  readonly port: number
  /** Where the WebSocket is: `/ws` when left out. */
  readonly path?: string
  /** Where it comes from: another loopback address has its own ports, and its own share of sessions in the server. */
  readonly localAddress?: string
  readonly hear: HearFrame
  /** Called once, with the close code, or 1006 when there was none. */
  readonly onEnd: (code: number) => void
}

const shared = Buffer.allocUnsafeSlow(256 * 1024)
const headEnd = Buffer.from('\r\n\r\n')
const none = Buffer.alloc(0)

const requestOf = (path: string) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n')

let due: Connection[] = []

function flushAll(): void {
  const connections = due
  due = []
  for (const connection of connections) connection.flush()
}

export class Connection {
  /** Resolves when the upgrade is answered; rejects when it is refused, or the socket ends first. */
  readonly opened: Promise<void>
  readonly #socket: Socket
  readonly #ears: FrameEars
  readonly #opening = Promise.withResolvers<void>()
  #isUpgraded = false
  #closeCode = 1006
  /** What has come of a frame that is not all there. */
  #rest: Buffer = none
  #waiting: string[] = []

  constructor(options: ConnectionOptions) {
    this.#ears = {
      text: options.hear,
      ping: (bytes, from, to) => this.#socket.write(encodePong(bytes.subarray(from, to))),
      close: (code) => this.#close(code),
    }
    this.opened = this.#opening.promise
    this.opened.catch(() => {})
    const { port, path = '/ws', localAddress } = options
    const onread = { buffer: shared, callback: (count: number) => this.#read(count) }
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, onread, ...(localAddress !== undefined && { localAddress }) })
    this.#socket.once('connect', () => this.#socket.write(requestOf(path)))
    this.#socket.on('error', (error) => this.#opening.reject(error))
    this.#socket.once('close', () => {
      this.#opening.reject(new Error('the socket ended before the upgrade was answered'))
      options.onEnd(this.#closeCode)
    })
  }

  send(text: string): void {
    if (this.#waiting.push(text) > 1) return
    if (due.push(this) === 1) setImmediate(flushAll)
  }

  flush(): void {
    const texts = this.#waiting
    this.#waiting = []
    if (this.#socket.writable) this.#socket.write(encodeFrames(texts))
  }

  end(): void {
    this.#socket.destroy()
  }

  #read(count: number): boolean {
    if (this.#rest.length > 0) this.#take(Buffer.concat([this.#rest, shared.subarray(0, count)]), 0)
    else this.#take(shared, 0, count)
    return true
  }

  #take(bytes: Buffer, from: number, to = bytes.length): void {
    let at = from
    if (!this.#isUpgraded) {
      const end = bytes.subarray(from, to).indexOf(headEnd)
      if (end >= 0) {
        at = from + end + headEnd.length
        this.#upgrade(bytes.toString('latin1', from, at))
      }
    }
    if (this.#isUpgraded) at = decodeFrames(bytes, at, to, this.#ears)
    this.#rest = at < to ? Buffer.from(bytes.subarray(at, to)) : none
  }

  #upgrade(head: string): void {
    this.#isUpgraded = head.startsWith('HTTP/1.1 101 ')
    if (this.#isUpgraded) this.#opening.resolve()
    else {
      this.#opening.reject(new Error(`the upgrade was refused: ${head.split('\r\n', 1)[0]}`))
      this.end()
    }
  }

  #close(code: number): void {
    this.#closeCode = code
    this.end()
  }
}
