/** Bytes on a TCP socket, for what no HTTP or WebSocket library would send. */
import { connect, type Socket } from 'node:net'

interface FrameInput {
  readonly opcode?: number
  /** The whole first byte, in place of a final frame of `opcode`. */
  readonly first?: number
  readonly payload: string | Buffer
  readonly masked?: boolean
}

/** A WebSocket frame as a client sends it (RFC 6455 section 5.2), with a mask of zeros. */
export function wsFrame({ opcode = 1, first = 0x80 | opcode, payload, masked = true }: FrameInput): Buffer {
  const bytes = Buffer.from(payload)
  const header = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10)
  header[0] = first
  header[1] = (masked ? 0x80 : 0) | (bytes.length < 126 ? bytes.length : bytes.length < 65_536 ? 126 : 127)
  if (header.length === 4) header.writeUInt16BE(bytes.length, 2)
  if (header.length === 10) header.writeBigUInt64BE(BigInt(bytes.length), 2)
  return Buffer.concat([header, Buffer.alloc(masked ? 4 : 0), bytes])
}

export const upgradeRequest = (more: readonly string[] = []) =>
  ['GET /ws HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
    .concat('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', more, '', '')
    .join('\r\n')

export class RawSocket {
  readonly socket: Socket
  /** All that came, byte for byte. */
  received = ''
  /** The server has ended it. */
  readonly ended: Promise<void>
  #waiting: (() => void)[] = []

  /** `from`: another address of this machine, for the server to count it by. */
  constructor(url: string, from = '127.0.0.1') {
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress: from })
    this.socket.setNoDelay(true)
    this.socket.on('error', () => {})
    this.socket.on('data', (data) => {
      this.received += data.toString('latin1')
      this.#wake()
    })
    this.ended = new Promise((resolve) => {
      this.socket.once('close', () => {
        resolve()
        this.#wake()
      })
    })
  }

  /** A WebSocket, its handshake done. */
  static async upgraded(url: string, more: readonly string[] = []): Promise<RawSocket> {
    const raw = new RawSocket(url)
    raw.write(upgradeRequest(more))
    await raw.heard('\r\n\r\n')
    return raw
  }

  /** False when the kernel takes no more for now. */
  write(bytes: string | Buffer): boolean {
    return this.socket.writable && this.socket.write(bytes)
  }

  /** Waits until this has come, or nothing more will. */
  async heard(text: string): Promise<void> {
    while (!this.received.includes(text) && !this.socket.destroyed) await this.#more()
  }

  /** Of the close frame, which is answered by hanging up; null when it ended without one. */
  get closeCode(): Promise<number | null> {
    return this.#closeCode()
  }

  async #closeCode(): Promise<number | null> {
    while (closeCodeIn(this.received) === null && !this.socket.destroyed) await this.#more()
    this.end()
    return closeCodeIn(this.received)
  }

  end(): void {
    this.socket.destroy()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}

/** A close frame is the last that is sent. */
function closeCodeIn(received: string): number | null {
  const bytes = Buffer.from(received, 'latin1')
  const at = bytes.lastIndexOf(0x88)
  const length = at < 0 ? undefined : bytes[at + 1]
  return length !== undefined && length >= 2 && at + 2 + length === bytes.length ? bytes.readUInt16BE(at + 2) : null
}
