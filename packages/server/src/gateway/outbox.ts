/**
 * The bounded queue in front of a socket. What is due in one turn of the event loop is written together: a write costs a system
 * call (5-10 µs), a frame that rides along costs about 1 µs.
 *
 * Nothing is dropped silently (L9): a frame over the limit closes the session, whose client reconnects for history. Only typing
 * and presence, which are lossy by contract (L10), give way earlier.
 */
import { limits } from '@godwit/protocol/limits.ts'
import type { Frame, Socket } from '../ports/socket.ts'

/** Calls `run` once, in the next turn of the event loop, after the input of this one is handled. */
export type Schedule = (run: () => void) => void

/** Writes the outboxes of all sessions in one scheduled turn. */
export class Flusher {
  readonly #schedule: Schedule
  #due: Outbox[] = []

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  add(outbox: Outbox): void {
    if (this.#due.push(outbox) === 1) this.#schedule(() => this.#flush())
  }

  #flush(): void {
    const due = this.#due
    this.#due = []
    for (const outbox of due) outbox.flush()
  }
}

export class Outbox {
  readonly #socket: Socket
  readonly #flusher: Flusher
  readonly #onOverflow: () => void
  #frames: Frame[] = []
  #bytes = 0
  #isOpen = true

  /** `onOverflow` is called once; the outbox takes nothing any more by then. */
  constructor(socket: Socket, flusher: Flusher, onOverflow: () => void) {
    this.#socket = socket
    this.#flusher = flusher
    this.#onOverflow = onOverflow
  }

  push(frame: Frame): void {
    if (!this.#isOpen) return
    if (this.#frames.length >= limits.outboxFramesMax || this.#bytes + frame.length > limits.outboxBytesMax) {
      this.#overflow()
      return
    }
    this.#bytes += frame.length
    if (this.#frames.push(frame) === 1) this.#flusher.add(this)
  }

  /** Drops the frame when the outbox is more than half full. */
  pushLossy(frame: Frame): void {
    const waitingBytes = this.#bytes + this.#socket.bufferedBytes()
    if (this.#frames.length * 2 > limits.outboxFramesMax || waitingBytes * 2 > limits.outboxBytesMax) return
    this.push(frame)
  }

  flush(): void {
    if (!this.#isOpen || this.#frames.length === 0) return
    if (this.#bytes + this.#socket.bufferedBytes() > limits.outboxBytesMax) {
      this.#overflow()
      return
    }
    const frames = this.#frames
    this.#frames = []
    this.#bytes = 0
    this.#socket.send(frames)
  }

  /** Forgets what waits, and takes nothing any more. */
  stop(): void {
    this.#isOpen = false
    this.#frames = []
    this.#bytes = 0
  }

  #overflow(): void {
    this.stop()
    this.#onOverflow()
  }
}
