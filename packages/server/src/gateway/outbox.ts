/**
 * The bounded queue in front of a socket. What is due in one turn of the event loop is written together: a write costs a system
 * call (5-10 µs), a frame that rides along costs about 1 µs. What is in no hurry waits for company.
 *
 * Nothing is dropped silently (L9): a frame over the limit closes the session, whose client reconnects for history. Only typing
 * and presence, which are lossy by contract (L10), give way earlier.
 */
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Frame, Socket } from '../ports/socket.ts'

/** Calls `run` once, in the next turn of the event loop, after the input of this one is handled. */
export type Schedule = (run: () => void) => void

/** Writes the outboxes of all sessions in one scheduled turn. */
export class Flusher {
  readonly #schedule: Schedule
  readonly #clock: Pick<Clock, 'setTimer'>
  #due: Outbox[] = []
  #later: Outbox[] = []

  constructor(schedule: Schedule, clock: Pick<Clock, 'setTimer'>) {
    this.#schedule = schedule
    this.#clock = clock
  }

  add(outbox: Outbox): void {
    if (this.#due.push(outbox) === 1) this.#schedule(() => this.#flush())
  }

  addLater(outbox: Outbox): void {
    if (this.#later.push(outbox) === 1) this.#clock.setTimer(limits.outboxLaterMs, () => this.#flushLater())
  }

  #flush(): void {
    const due = this.#due
    this.#due = []
    for (const outbox of due) outbox.flush()
  }

  #flushLater(): void {
    const later = this.#later
    this.#later = []
    for (const outbox of later) outbox.flushLater()
  }
}

const none: readonly Frame[] = []

export class Outbox {
  readonly #socket: Socket
  readonly #flusher: Flusher
  readonly #onOverflow: () => void
  #frames: readonly Frame[] = none
  /** The list is this outbox's own, and may grow. */
  #isOwn = false
  #bytes = 0
  #isOpen = true
  /** The flusher knows of it. */
  #isDue = false
  #isDueLater = false

  /** `onOverflow` is called once; the outbox takes nothing any more by then. */
  constructor(socket: Socket, flusher: Flusher, onOverflow: () => void) {
    this.#socket = socket
    this.#flusher = flusher
    this.#onOverflow = onOverflow
  }

  /** In this order. The list is not changed from here on; a group's members share one. */
  push(frames: readonly Frame[]): void {
    if (!this.#take(frames) || this.#isDue) return
    this.#isDue = true
    this.#flusher.add(this)
  }

  /** Goes out with whatever goes next, and by itself after `outboxLaterMs`: a frame of its own would cost most of a message. */
  pushLater(frame: Frame): void {
    if (!this.#take([frame]) || this.#isDue || this.#isDueLater) return
    this.#isDueLater = true
    this.#flusher.addLater(this)
  }

  /** Drops the frame when the outbox is more than half full. */
  pushLossy(frame: Frame): void {
    const waitingBytes = this.#bytes + this.#socket.bufferedBytes()
    if (this.#frames.length * 2 > limits.outboxFramesMax || waitingBytes * 2 > limits.outboxBytesMax) return
    this.push([frame])
  }

  flushLater(): void {
    this.#isDueLater = false
    this.flush()
  }

  flush(): void {
    this.#isDue = false
    if (!this.#isOpen || this.#frames.length === 0) return
    if (this.#bytes + this.#socket.bufferedBytes() > limits.outboxBytesMax) {
      this.#overflow()
      return
    }
    const frames = this.#frames
    this.#empty()
    this.#socket.send(frames)
  }

  /** Forgets what waits, and takes nothing any more. */
  stop(): void {
    this.#isOpen = false
    this.#empty()
  }

  #take(frames: readonly Frame[]): boolean {
    if (!this.#isOpen) return false
    let bytes = this.#bytes
    for (const { length } of frames) bytes += length
    if (this.#frames.length + frames.length > limits.outboxFramesMax || bytes > limits.outboxBytesMax) {
      this.#overflow()
      return false
    }
    this.#bytes = bytes
    this.#append(frames)
    return true
  }

  /** Most turns bring one list, which is not copied. */
  #append(frames: readonly Frame[]): void {
    if (this.#frames.length === 0) this.#frames = frames
    else if (this.#isOwn) (this.#frames as Frame[]).push(...frames)
    else {
      this.#frames = [...this.#frames, ...frames]
      this.#isOwn = true
    }
  }

  #empty(): void {
    this.#frames = none
    this.#isOwn = false
    this.#bytes = 0
  }

  #overflow(): void {
    this.stop()
    this.#onOverflow()
  }
}
