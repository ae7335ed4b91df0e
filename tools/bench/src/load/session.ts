/**
 * A device at work: greeted, live, and hearing frames without parsing more of them than the measurement needs. The same for both
 * servers: the floor takes and sends frames of the same shape.
 */
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import { Connection } from './connection.ts'
import type { Talker } from './exchange.ts'
import { jsonText } from './texts.ts'

/** What the load makes of what a session hears. `n` is the number of one of our own messages. */
export interface Ears<T = Session> {
  entry(session: T, n: number, seq: number): void
  acked(n: number): void
  /** An error frame; `n` is -1 when it names none of our messages. */
  refused(n: number, text: string): void
  /** A pong. */
  pong(session: T): void
}

/** Says hello in the words of one of the servers. */
export type Greeting =
  | { readonly server: 'godwit'; readonly token: string; readonly epoch: string | null; readonly mark: string | null }
  | { readonly server: 'floor'; readonly rooms: readonly string[] }

export interface SessionOptions {
  readonly port: number
  readonly user: number
  readonly greeting: Greeting
  readonly ears: Ears
}

/** Ids of our messages begin like this: one run's own, because ids are remembered for ever. */
const idPrefix = `b${process.pid.toString(36)}${Date.now().toString(36)}-`
const idMarker = Buffer.from(`"clientMsgId":"${idPrefix}`)
const seqMarker = Buffer.from('"seq":')
/**
 * Each device comes from a loopback address of its own. Ports of closed connections are held for a minute, and where thousands of
 * connections shared an address, those of the window before would leave the next none.
 */
const addressOf = (user: number) => `127.1.${(user >> 8) & 255}.${user & 255}`

const clientMsgIdOf = (n: number): string => idPrefix + n

export class Session implements Talker {
  readonly user: number
  /** What the server answered to the resume, or null for the floor. Rejects when it refuses or closes first. */
  readonly ready: Promise<DownFrameOf<'resumed'> | null>
  readonly opened: Promise<void>
  /** Receipts and the like that came. */
  otherFrames = 0
  /** Resolves with the close code. */
  readonly ended: Promise<number>
  readonly #connection: Connection
  readonly #ears: Ears
  readonly #readiness = Promise.withResolvers<DownFrameOf<'resumed'> | null>()
  #isReady = false

  constructor({ port, user, greeting, ears }: SessionOptions) {
    this.user = user
    this.#ears = ears
    this.ready = this.#readiness.promise
    this.ready.catch(() => {})
    const { promise, resolve } = Promise.withResolvers<number>()
    this.ended = promise
    this.#connection = new Connection({
      port,
      localAddress: addressOf(user),
      hear: (bytes, from, to) => this.#hear(bytes, from, to),
      onEnd: (code) => {
        resolve(code)
        this.#readiness.reject(new Error(`closed with ${code} before it was live`))
      },
    })
    this.opened = this.#connection.opened
    this.opened.then(
      () => this.#greet(greeting),
      (error) => this.#readiness.reject(error),
    )
  }

  send(text: string): void {
    this.#connection.send(text)
  }

  say(to: string, n: number, after: number): void {
    const predecessor = after < 0 ? '' : `,"after":"${clientMsgIdOf(after)}"`
    this.send(`{"type":"message","to":"${to}","clientMsgId":"${clientMsgIdOf(n)}"${predecessor},"text":${jsonText(n)}}`)
  }

  end(): void {
    this.#connection.end()
  }

  #greet(greeting: Greeting): void {
    if (greeting.server === 'floor') this.send(JSON.stringify({ type: 'hello', rooms: greeting.rooms }))
    else {
      this.send(JSON.stringify({ type: 'hello', token: greeting.token, client: 'bench' }))
      this.send(JSON.stringify({ type: 'resume', epoch: greeting.epoch, mark: greeting.mark, outlines: true }))
    }
  }

  /** Both servers write `type` first, so the letters behind `{"type":"` tell frames apart. */
  #hear(bytes: Buffer, from: number, to: number): void {
    switch (bytes[from + 9]) {
      case 0x65: // entry, error
        if (bytes[from + 10] === 0x6e) this.#entry(bytes, from, to)
        else this.#error(bytes, from, to)
        break
      case 0x61: // ack
        this.#ears.acked(numberAfter(bytes, idMarker, from, to))
        break
      case 0x70: // pong, presence
        if (bytes[from + 10] === 0x6f) this.#ears.pong(this)
        break
      default:
        this.otherFrames++
        if (!this.#isReady) this.#answered(bytes, from, to)
    }
  }

  #entry(bytes: Buffer, from: number, to: number): void {
    const n = numberAfter(bytes, idMarker, from, to)
    if (n >= 0) this.#ears.entry(this, n, numberAfter(bytes, seqMarker, from, to))
  }

  #error(bytes: Buffer, from: number, to: number): void {
    const text = bytes.toString('utf8', from, to)
    if (!this.#isReady) this.#readiness.reject(new Error(text))
    this.#ears.refused(numberAfter(bytes, idMarker, from, to), text)
  }

  #answered(bytes: Buffer, from: number, to: number): void {
    const frame = JSON.parse(bytes.toString('utf8', from, to)) as { readonly type: string; readonly sessionId?: string }
    if (frame.type === 'welcome' && frame.sessionId !== undefined) return
    this.#isReady = true
    if (frame.type === 'welcome') this.#readiness.resolve(null)
    else if (frame.type === 'resumed') this.#readiness.resolve(frame as unknown as DownFrameOf<'resumed'>)
    else this.#readiness.reject(new Error(`the resume was answered with ${frame.type}`))
  }
}

/**
 * The whole number behind the last place in the frame where `marker` stands, or -1. The last, because the texts of messages come
 * before what belongs to the entry.
 */
function numberAfter(bytes: Buffer, marker: Buffer, from: number, to: number): number {
  const found = bytes.subarray(from, to).lastIndexOf(marker)
  if (found < 0) return -1
  let value = 0
  for (let at = from + found + marker.length; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return value
}
