/** The client's end of a WebSocket, byte by byte: no library would send what is sent here. */
import { connect, type Socket } from 'node:net'
import type { DownFrame } from '@godwit/protocol/down.ts'
import { upgradeRequest, wsFrame } from '../../../apps/server/src/testing/raw-socket.ts'
import type { WireFrame } from './input.ts'
import { inTime } from './patience.ts'

export class WsConnection {
  readonly #socket: Socket
  #bytes = Buffer.alloc(0)
  #isUpgraded = false
  #isEnded = false
  /** Frames that were not taken yet. */
  #frames: DownFrame[] = []
  #wake: () => void = () => {}
  /** Of the close frame; null without one. */
  closeCode: number | null = null

  private constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true)
    this.#socket.on('error', () => {})
    this.#socket.on('data', (data) => {
      this.#bytes = this.#bytes.length > 0 ? Buffer.concat([this.#bytes, data]) : data
      this.#read()
      this.#wake()
    })
    this.#socket.on('close', () => {
      this.#isEnded = true
      this.#wake()
    })
  }

  static async open(port: number): Promise<WsConnection> {
    const connection = new WsConnection(port)
    connection.#socket.write(upgradeRequest())
    await connection.#until(() => connection.#isUpgraded, 'upgrade')
    return connection
  }

  /** The server has said that it is over, or hung up. */
  get isOver(): boolean {
    return this.#isEnded || this.closeCode !== null
  }

  send(frame: object): void {
    this.#socket.write(wsFrame({ payload: JSON.stringify(frame) }))
  }

  sendFrames(frames: readonly WireFrame[]): void {
    this.#socket.write(wire(frames))
  }

  /** These frames without the last `lost` bytes, a close, and the end of the stream. */
  sendLast(frames: readonly WireFrame[], lost: number): void {
    const bytes = wire(frames)
    this.#socket.end(Buffer.concat([bytes.subarray(0, Math.max(0, bytes.length - lost)), wsFrame({ opcode: 8, payload: '\u0003\u0068' })]))
  }

  /** Takes what has come up to and with the first frame that fits; fewer when the socket is over before. */
  async takeUntil(fits: (frame: DownFrame) => boolean, what: string): Promise<readonly DownFrame[]> {
    await this.#until(() => this.isOver || this.#frames.some(fits), what)
    const at = this.#frames.findIndex(fits)
    return this.#frames.splice(0, at < 0 ? this.#frames.length : at + 1)
  }

  /** Takes what has come until the server ended it. */
  async takeAll(): Promise<readonly DownFrame[]> {
    await this.#until(() => this.#isEnded, 'end of the socket')
    return this.#frames.splice(0)
  }

  end(): void {
    this.#socket.destroy()
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    while (!isSo()) {
      if (this.#isEnded) throw new Error(`hung up on before: ${what}`)
      await inTime(
        new Promise<void>((resolve) => {
          this.#wake = resolve
        }),
        what,
      )
    }
  }

  #read(): void {
    if (!this.#isUpgraded) {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      this.#isUpgraded = true
      this.#bytes = this.#bytes.subarray(end + 4)
    }
    for (let frame = takeFrame(this.#bytes); frame; frame = takeFrame(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(frame.length)
      if (frame.opcode === 1) this.#frames.push(JSON.parse(frame.payload.toString()) as DownFrame)
      if (frame.opcode !== 8) continue
      this.closeCode = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005
      this.#socket.end()
    }
  }
}

const wire = (frames: readonly WireFrame[]) =>
  Buffer.concat(frames.map(({ first, payload, masked }) => wsFrame({ first, payload, masked })))

/** A frame of a server (unmasked) off the front of the bytes. */
function takeFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | null {
  if (bytes.length < 2) return null
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)]
  const header = second === 127 ? 10 : second === 126 ? 4 : 2
  if (bytes.length < header) return null
  const size = header === 10 ? Number(bytes.readBigUInt64BE(2)) : header === 4 ? bytes.readUInt16BE(2) : second
  const length = header + size
  return bytes.length < length ? null : { opcode: first & 0x0f, payload: bytes.subarray(header, length), length }
}
