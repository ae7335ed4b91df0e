/**
 * A socket made of requests, for networks where WebSockets are blocked. The session behind it is the same.
 *
 * Down: frames are numbered and kept until the client names the last one it has, so an answer that is lost is given again.
 * Up: frames are numbered by the client, so a request that is repeated is not taken twice.
 */
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Frame, Socket } from '../ports/socket.ts'
import type { Connection } from './gateway.ts'

export class PollSocket implements Socket {
  readonly #clock: Clock
  readonly #onIdle: () => void
  #connection: Connection | null = null
  /** Sent and not acknowledged; the first has the number `#acked` + 1. */
  #frames: Frame[] = []
  #bytes = 0
  #acked = 0
  #received = 0
  #closed: { readonly code: number; readonly reason: string } | null = null
  /** Ends the GET that waits. */
  #wake: (() => void) | null = null
  #idle: Timer
  #hasEnded = false

  /** `onIdle`: no request has come for `pollIdleMs`, or the client has ended it; the socket is of no more use. */
  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock
    this.#onIdle = onIdle
    this.#idle = clock.setTimer(limits.pollIdleMs, () => this.end())
  }

  /** The session of this socket; given once, before the first request. */
  connect(connection: Connection): void {
    this.#connection = connection
  }

  send(frames: readonly Frame[]): void {
    if (this.#closed) return
    for (const frame of frames) {
      this.#frames.push(frame)
      this.#bytes += frame.length
    }
    if (this.#frames.length > limits.pollUnackedFramesMax) {
      this.#connection?.closed()
      this.close(closeCodes.SLOW_CONSUMER.code, closeCodes.SLOW_CONSUMER.reason)
    }
    this.#wake?.()
  }

  close(code: number, reason: string): void {
    if (this.#closed) return
    // The last time: what asks on for ever must not keep it for ever.
    this.#touch()
    this.#closed = { code, reason }
    this.#wake?.()
  }

  bufferedBytes(): number {
    return this.#bytes
  }

  /**
   * JSON of a `pollAnswer`: frames after number `ack`, as soon as there are some, or none after `pollWaitMs`. A second request
   * ends the first, which then answers nothing: its client has gone. Throws BAD_REQUEST for a number that was never sent.
   */
  async fetch(ack: number): Promise<string> {
    this.#acknowledge(ack)
    this.#wake?.()
    if (this.#frames.length === 0 && !this.#closed) await this.#wait()
    else this.#touch()
    return this.#answer()
  }

  /**
   * Takes frames that the client has numbered from `first` on; those that came before are passed over. Throws RETRY_IN_ORDER
   * when a number is left out.
   */
  take(first: number, texts: readonly string[]): void {
    this.#touch()
    if (first > this.#received + 1) throw new GodwitError('RETRY_IN_ORDER', `the next frame is number ${this.#received + 1}`)
    for (const text of texts.slice(this.#received + 1 - first)) {
      this.#received++
      if (!this.#closed) this.#connection?.receive(text)
    }
  }

  /** The client has gone. */
  end(): void {
    this.#hasEnded = true
    this.#idle.cancel()
    this.#connection?.closed()
    this.close(1000, 'ended')
    this.#onIdle()
  }

  #acknowledge(ack: number): void {
    const count = ack - this.#acked
    if (count > this.#frames.length) throw new GodwitError('BAD_REQUEST', 'ack: no frame has this number yet')
    if (count <= 0) return
    for (const frame of this.#frames.splice(0, count)) this.#bytes -= frame.length
    this.#acked = ack
  }

  /** While a request waits the client is there, so the time of idleness begins at its end. */
  async #wait(): Promise<void> {
    this.#idle.cancel()
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.#clock.setTimer(limits.pollWaitMs, resolve)
    this.#wake = resolve
    await promise
    timer.cancel()
    if (this.#wake === resolve) this.#wake = null
    this.#touch()
  }

  #touch(): void {
    if (this.#hasEnded || this.#closed) return
    this.#idle.cancel()
    this.#idle = this.#clock.setTimer(limits.pollIdleMs, () => this.end())
  }

  /** The frames are JSON already: they are put into the answer as they are. */
  #answer(): string {
    const parts: string[] = []
    let bytes = 0
    for (const frame of this.#frames) {
      bytes += frame.length
      if (parts.length > 0 && bytes > limits.pollAnswerBytesMax) break
      parts.push(`{"n":${this.#acked + parts.length + 1},"frame":${frame.toString()}}`)
    }
    const closed = parts.length < this.#frames.length ? null : this.#closed
    return `{"frames":[${parts.join(',')}],"closed":${JSON.stringify(closed)}}`
  }
}
