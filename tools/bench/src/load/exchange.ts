/**
 * Messages under way between sessions: who sent which, when it should have been sent, what of it is still out. Latency counts from
 * the intended moment of sending (no coordinated omission) to the last byte at the recipient.
 */
import { Histogram } from '../measure/histogram.ts'
import type { Ears, Session } from './session.ts'

/** Somebody who is connected, as far as an exchange knows them. */
export interface Talker {
  /** Sends message `n`; `after` is the last one to the same conversation that is not acked, or -1. */
  say(to: string, n: number, after: number): void
}

export interface Room {
  readonly id: string
  /** Members who are online: the sender is one of them. */
  readonly online: number
}

/** One sender in one room. */
export interface Lane<T extends Talker = Session> {
  readonly session: T
  readonly room: Room
  /** The last message sent here that is not acked, or -1: the next names it in `after` (L5). */
  unacked: number
}

export interface Tally {
  readonly sent: number
  readonly settled: number
  readonly deliveries: number
  readonly acks: number
  readonly errors: number
}

const slots = 2 ** 20

export class Exchange<T extends Talker = Session> implements Ears<T> {
  /** Told of each message that has reached everybody, its sender included, or was refused. */
  onSettled: (n: number) => void = () => {}
  /** Told of each entry that a session has: it owes a receipt for it. */
  onDelivered: (session: T, room: Room, seq: number) => void = () => {}
  /** Told of each ack. */
  onAcked: (n: number) => void = () => {}
  onPong: (session: T) => void = () => {}
  readonly latency = new Histogram()
  readonly ackLatency = new Histogram()
  /** Set while latencies count. */
  isMeasured = false
  readonly complaints: string[] = []
  readonly #acks: boolean
  readonly #at = new Float64Array(slots)
  readonly #left = new Int32Array(slots)
  readonly #lanes = new Array<Lane<T> | undefined>(slots)
  #sent = 0
  #settled = 0
  #deliveries = 0
  #acked = 0
  #errors = 0

  /** `acks`: the server acknowledges messages. The floor does not. */
  constructor({ acks }: { readonly acks: boolean }) {
    this.#acks = acks
  }

  get underWay(): number {
    return this.#sent - this.#settled
  }

  tally(): Tally {
    return { sent: this.#sent, settled: this.#settled, deliveries: this.#deliveries, acks: this.#acked, errors: this.#errors }
  }

  /** `at`: when it should be sent, on the clock of `performance.now()`. Answers its number. Throws when a million are under way. */
  send(lane: Lane<T>, at: number): number {
    const n = this.#sent++
    const slot = n % slots
    if ((this.#left[slot] as number) > 0) throw new Error(`message ${n - slots} has not arrived, and ${slots} were sent since`)
    this.#at[slot] = at
    this.#left[slot] = lane.room.online - 1 + (this.#acks ? 1 : 0)
    this.#lanes[slot] = lane
    const after = this.#acks ? lane.unacked : -1
    lane.unacked = n
    lane.session.say(lane.room.id, n, after)
    return n
  }

  entry(session: T, n: number, seq: number): void {
    const slot = n % slots
    const lane = this.#lanes[slot] as Lane<T>
    this.#deliveries++
    if (this.isMeasured) this.latency.record(performance.now() - (this.#at[slot] as number))
    this.onDelivered(session, lane.room, seq)
    this.#part(slot, n)
  }

  acked(n: number): void {
    const slot = n % slots
    const lane = this.#lanes[slot] as Lane<T>
    if (lane.unacked === n) lane.unacked = -1
    this.#acked++
    this.onAcked(n)
    if (this.isMeasured) this.ackLatency.record(performance.now() - (this.#at[slot] as number))
    this.#part(slot, n)
  }

  refused(n: number, text: string): void {
    this.#errors++
    if (this.complaints.length < 5) this.complaints.push(text)
    if (n < 0) return
    const slot = n % slots
    const lane = this.#lanes[slot] as Lane<T>
    if (lane.unacked === n) lane.unacked = -1
    if ((this.#left[slot] as number) > 0) this.#settle(slot, n)
  }

  pong(session: T): void {
    this.onPong(session)
  }

  #part(slot: number, n: number): void {
    const left = (this.#left[slot] as number) - 1
    this.#left[slot] = left
    if (left === 0) this.#settle(slot, n)
  }

  #settle(slot: number, n: number): void {
    this.#left[slot] = 0
    this.#settled++
    this.onSettled(n)
  }
}
