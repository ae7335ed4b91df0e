/**
 * Messages under way between sessions: who sent which, when it should have been sent, what of it is still out. Latency counts from
 * the intended moment of sending (no coordinated omission) to the last byte at the recipient.
 */
import { Histogram } from '../measure/histogram.ts'
import { clientMsgIdOf, type Ears, type Session } from './session.ts'
import { jsonText } from './texts.ts'

export interface Room {
  readonly id: string
  /** Members who are online: the sender is one of them. */
  readonly online: number
}

/** One sender in one room. */
export interface Lane {
  readonly session: Session
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

export class Exchange implements Ears {
  /** Told of each message that has reached everybody, its sender included, or was refused. */
  onSettled: (n: number) => void = () => {}
  /** Told of each entry that a session has: it owes a receipt for it. */
  onDelivered: (session: Session, room: Room, seq: number) => void = () => {}
  onPong: (session: Session) => void = () => {}
  readonly latency = new Histogram()
  readonly ackLatency = new Histogram()
  /** Set while latencies count. */
  isMeasured = false
  readonly complaints: string[] = []
  readonly #acks: boolean
  readonly #at = new Float64Array(slots)
  readonly #left = new Int32Array(slots)
  readonly #lanes = new Array<Lane | undefined>(slots)
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
  send(lane: Lane, at: number): number {
    const n = this.#sent++
    const slot = n % slots
    if ((this.#left[slot] as number) > 0) throw new Error(`message ${n - slots} has not arrived, and ${slots} were sent since`)
    this.#at[slot] = at
    this.#left[slot] = lane.room.online - 1 + (this.#acks ? 1 : 0)
    this.#lanes[slot] = lane
    const after = this.#acks && lane.unacked >= 0 ? `,"after":"${clientMsgIdOf(lane.unacked)}"` : ''
    lane.unacked = n
    lane.session.send(`{"type":"message","to":"${lane.room.id}","clientMsgId":"${clientMsgIdOf(n)}"${after},"text":${jsonText(n)}}`)
    return n
  }

  entry(session: Session, n: number, seq: number): void {
    const slot = n % slots
    const lane = this.#lanes[slot] as Lane
    this.#deliveries++
    if (this.isMeasured) this.latency.record(performance.now() - (this.#at[slot] as number))
    this.onDelivered(session, lane.room, seq)
    this.#part(slot, n)
  }

  acked(n: number): void {
    const slot = n % slots
    const lane = this.#lanes[slot] as Lane
    if (lane.unacked === n) lane.unacked = -1
    this.#acked++
    if (this.isMeasured) this.ackLatency.record(performance.now() - (this.#at[slot] as number))
    this.#part(slot, n)
  }

  refused(n: number, text: string): void {
    this.#errors++
    if (this.complaints.length < 5) this.complaints.push(text)
    if (n < 0) return
    const slot = n % slots
    const lane = this.#lanes[slot] as Lane
    if (lane.unacked === n) lane.unacked = -1
    if ((this.#left[slot] as number) > 0) this.#settle(slot, n)
  }

  pong(session: Session): void {
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
