/** A client without the SDK: says exactly what a test tells it to, over a WebSocket or a long poll, and keeps what it hears. */
import type { DownFrame, DownFrameOf } from '@godwit/protocol/down.ts'
import { type ClientOptions, WebSocket } from 'ws'
import type { Call } from './memory-server.ts'

export interface Closed {
  readonly code: number
  readonly reason: string
}

type Fits<T extends DownFrame> = (frame: DownFrame) => frame is T

/** The frames that a client has heard, and those it waits for. */
class Inbox {
  readonly frames: DownFrame[] = []
  #waiting: (() => void)[] = []

  take(text: string): void {
    this.frames.push(JSON.parse(text) as DownFrame)
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** The first frame that fits, from number `from` on; waits for it. */
  async next<T extends DownFrame>(fits: Fits<T>, from: number): Promise<T> {
    for (let i = from; ; i++) {
      while (i >= this.frames.length) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      const frame = this.frames[i] as DownFrame
      if (fits(frame)) return frame
    }
  }
}

export abstract class LiveClient {
  readonly #inbox = new Inbox()
  /** How the server ended it; waits for that. */
  abstract readonly closed: Promise<Closed>

  abstract sendText(text: string): void
  abstract end(): void

  send(...frames: readonly object[]): void {
    for (const frame of frames) this.sendText(JSON.stringify(frame))
  }

  protected heard(text: string): void {
    this.#inbox.take(text)
  }

  get frames(): readonly DownFrame[] {
    return this.#inbox.frames
  }

  all<T extends DownFrame['type']>(type: T): DownFrameOf<T>[] {
    return this.frames.filter((frame): frame is DownFrameOf<T> => frame.type === type)
  }

  get errors(): string[] {
    return this.all('error').map(({ code }) => code)
  }

  next<T extends DownFrame['type']>(type: T, from = 0, fits: (frame: DownFrameOf<T>) => boolean = () => true): Promise<DownFrameOf<T>> {
    return this.#inbox.next((frame): frame is DownFrameOf<T> => frame.type === type && fits(frame as DownFrameOf<T>), from)
  }

  /** What was sent before is handled, as far as it needs no timer. */
  async settled(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      const from = this.frames.length
      this.send({ type: 'ping' })
      await this.next('pong', from)
    }
  }

  /** Greets; resumes from nothing unless told otherwise. */
  async greet(token: string, { resume = true } = {}): Promise<this> {
    this.send({ type: 'hello', token })
    await this.next('welcome')
    if (!resume) return this
    this.send({ type: 'resume', epoch: null, mark: null })
    await this.next('resumed')
    return this
  }
}

export class WsClient extends LiveClient {
  readonly socket: WebSocket
  readonly opened: Promise<void>
  readonly closed: Promise<Closed>

  constructor(url: string, options: ClientOptions = {}) {
    super()
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, { perMessageDeflate: false, ...options })
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve)
      this.socket.on('error', reject)
    })
    this.opened.catch(() => {})
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
    this.socket.on('message', (data) => this.heard(data.toString()))
  }

  sendText(text: string): void {
    this.socket.send(text)
  }

  end(): void {
    this.socket.terminate()
  }
}

export async function openWs(url: string, options: ClientOptions = {}): Promise<WsClient> {
  const client = new WsClient(url, options)
  await client.opened
  return client
}

class PollClient extends LiveClient {
  readonly closed: Promise<Closed>
  readonly #call: Call
  readonly #path: string
  #sent = 0
  #sending = Promise.resolve()
  #hasEnded = false

  constructor(call: Call, pollId: string) {
    super()
    this.#call = call
    this.#path = `/v1/poll/${pollId}`
    this.closed = this.#listen()
    // It fails when the server is gone; whoever waits for it hears of that.
    this.closed.catch(() => {})
  }

  sendText(text: string): void {
    const body = { n: ++this.#sent, frames: [text] }
    this.#sending = this.#sending.then(async () => {
      const { status, text: answer } = await this.#call('POST', this.#path, { body })
      if (status !== 200 && !this.#hasEnded) throw new Error(`the poll took no frame: ${answer}`)
    })
  }

  end(): void {
    this.#hasEnded = true
    // A server that is stopped behind it has ended it too.
    this.#call('DELETE', this.#path).catch(() => {})
  }

  async #listen(): Promise<Closed> {
    for (let ack = 0; ; ) {
      const { json } = await this.#call('GET', `${this.#path}?ack=${ack}`)
      if (!json.frames) return { code: 1006, reason: json.code }
      for (const { n, frame } of json.frames as { n: number; frame: DownFrame }[]) {
        ack = n
        this.heard(JSON.stringify(frame))
      }
      if (json.closed) return json.closed
    }
  }
}

export async function openPoll(call: Call): Promise<LiveClient> {
  const { json } = await call('POST', '/v1/poll', { body: {} })
  return new PollClient(call, json.pollId)
}
