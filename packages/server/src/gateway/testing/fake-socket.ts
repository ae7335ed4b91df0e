import type { DownFrame, DownFrameOf } from '@godwit/protocol/down.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import type { Frame, Socket } from '../../ports/socket.ts'
import type { Connection, Gateway } from '../gateway.ts'

/** A socket that keeps what it was given. `stuckBytes` is what the network has not taken. */
export class FakeSocket implements Socket {
  readonly writes: (readonly Frame[])[] = []
  closedWith: { code: number; reason: string } | null = null
  stuckBytes = 0

  send(frames: readonly Frame[]): void {
    if (this.closedWith) throw new Error('sent after the close')
    this.writes.push(frames)
  }

  close(code: number, reason: string): void {
    if (this.closedWith) throw new Error('closed twice')
    this.closedWith = { code, reason }
  }

  bufferedBytes(): number {
    return this.stuckBytes
  }

  get frames(): DownFrame[] {
    return this.writes.flat().map((frame) => JSON.parse(frame.toString()) as DownFrame)
  }
}

/** A client: what it sends, and what has come for it. */
export class FakeClient {
  readonly socket = new FakeSocket()
  readonly connection: Connection

  constructor(gateway: Gateway, address = '192.0.2.1') {
    this.connection = gateway.accept(this.socket, { address })
  }

  send(...frames: UpFrame[]): void {
    for (const frame of frames) this.connection.receive(JSON.stringify(frame))
  }

  all<T extends DownFrame['type']>(type: T): DownFrameOf<T>[] {
    return this.socket.frames.filter((frame): frame is DownFrameOf<T> => frame.type === type)
  }

  /** The error codes met so far. */
  get errors(): string[] {
    return this.all('error').map(({ code }) => code)
  }
}
