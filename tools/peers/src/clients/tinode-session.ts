/**
 * A user at a Tinode server, over its WebSocket: JSON, one object a frame, as its page on the protocol has it (docs/API.md).
 *
 *     {hi} -> {ctrl 201}, {login token} -> {ctrl 200}, {sub me} -> {ctrl 200}, {sub usr...} for each topic -> {ctrl 200}
 *     {pub} -> {ctrl 202} when it is stored; to the other one {data}, who answers {note recv} when nothing more has come for 100 ms,
 *     as its client for browsers does (`_routeData` of tinode-sdk 0.22.13); that is {info} to the sender
 */
import { Connection } from '@godwit/bench/load/connection.ts'
import type { Talker } from '@godwit/bench/load/exchange.ts'
import type { Ears } from '@godwit/bench/load/session.ts'
import { jsonText } from '@godwit/bench/load/texts.ts'
import { messageIdOf, numberOf } from './message-ids.ts'
import { hiRequest, socketPath } from './tinode-accounts.ts'

export interface TinodeOptions {
  readonly port: number
  readonly token: string
  /** What it attaches to, besides `me`: without that nothing can be sent, and what is written is only hinted at. */
  readonly topics: readonly string[]
  readonly ears: Ears<TinodeSession>
}

/** What is looked at in what a server sends. */
interface Heard {
  readonly ctrl?: { readonly id?: string; readonly code: number }
  readonly data?: { readonly topic: string; readonly seq: number; readonly content: unknown }
}

/** While the other one's request loads the same topic. */
const lockedCode = 503
const lockedRetryMs = 50
const receiptDelayMs = 100

export class TinodeSession implements Talker {
  /** Attached to `me` and to all topics. Rejects when the server refuses or ends first. */
  readonly ready: Promise<void>
  readonly #readiness = Promise.withResolvers<void>()
  readonly #connection: Connection
  readonly #ears: Ears<TinodeSession>
  /** What is said until it is ready, each when the one before has been answered. */
  readonly #requests: readonly string[]
  #answered = 0
  /** By topic: the highest message that has come, and when it is told. */
  readonly #receipts = new Map<string, { seq: number; readonly timer: NodeJS.Timeout }>()

  constructor({ port, token, topics, ears }: TinodeOptions) {
    this.#ears = ears
    this.#requests = [
      hiRequest(requestId(0)),
      { login: { id: requestId(1), scheme: 'token', secret: token } },
      { sub: { id: requestId(2), topic: 'me', get: { what: 'desc sub' } } },
      ...topics.map((topic, index) => ({ sub: { id: requestId(index + 3), topic } })),
    ].map((request) => JSON.stringify(request))
    this.ready = this.#readiness.promise
    this.ready.catch(() => {})
    this.#connection = new Connection({
      port,
      path: socketPath,
      hear: (bytes, from, to) => this.#hear(bytes.toString('utf8', from, to)),
      onEnd: (code) => this.#readiness.reject(new Error(`closed with ${code} before it was live`)),
    })
    this.#connection.opened.then(
      () => this.#request(),
      (error) => this.#readiness.reject(error),
    )
  }

  /** `to`: the other's user id. Not echoed: the ack counts as the message on this session. */
  say(to: string, n: number): void {
    this.#connection.send(`{"pub":{"id":"${n}","topic":"${to}","noecho":true,"content":"${messageIdOf(n)} ${jsonText(n).slice(1)}}}`)
  }

  end(): void {
    for (const { timer } of this.#receipts.values()) clearTimeout(timer)
    this.#connection.end()
  }

  #request(): void {
    const next = this.#requests[this.#answered]
    if (next === undefined) this.#readiness.resolve()
    else this.#connection.send(next)
  }

  #hear(text: string): void {
    const { ctrl, data }: Heard = JSON.parse(text)
    if (data) this.#data(data)
    else if (ctrl) this.#control(ctrl, text)
  }

  #data({ topic, seq, content }: NonNullable<Heard['data']>): void {
    const n = typeof content === 'string' ? numberOf(content.split(' ', 1)[0] as string) : -1
    if (n >= 0) this.#ears.entry(this, n, seq)
    this.#oweReceipt(topic, seq)
  }

  #control({ id = '', code }: NonNullable<Heard['ctrl']>, text: string): void {
    const n = /^\d+$/.test(id) ? Number(id) : -1
    if (code === lockedCode && id === requestId(this.#answered)) setTimeout(() => this.#request(), lockedRetryMs)
    else if (code >= 400) {
      this.#readiness.reject(new Error(text))
      this.#ears.refused(n, text)
    } else if (n >= 0) this.#ears.acked(n)
    else if (id === requestId(this.#answered)) {
      this.#answered++
      this.#request()
    }
  }

  #oweReceipt(topic: string, seq: number): void {
    const receipt = this.#receipts.get(topic)
    if (receipt) {
      receipt.seq = Math.max(receipt.seq, seq)
      receipt.timer.refresh()
    } else this.#receipts.set(topic, { seq, timer: setTimeout(() => this.#sendReceipt(topic), receiptDelayMs) })
  }

  #sendReceipt(topic: string): void {
    const { seq } = this.#receipts.get(topic) as { readonly seq: number }
    this.#receipts.delete(topic)
    this.#connection.send(`{"note":{"topic":"${topic}","what":"recv","seq":${seq}}}`)
  }
}

const requestId = (index: number) => `r${index}`
