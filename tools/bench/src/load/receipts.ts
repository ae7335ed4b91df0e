/**
 * Delivered receipts as the SDK sends them: what has come is acknowledged every `cursorFlushIntervalMs`, of a group every
 * `groupDeliveredIntervalMs`, one frame for each conversation. Sessions take turns, as those of many devices do.
 */
import { limits } from '@godwit/protocol/limits.ts'
import type { Room } from './exchange.ts'
import type { Session } from './session.ts'

const turns = 20
/** As far as the load knows: of a group with no more than two online the receipts come sooner. */
const isPair = ({ online }: Room) => online <= 2
/** A group's turn is one of so many. */
const groupRounds = limits.groupDeliveredIntervalMs / limits.cursorFlushIntervalMs

export class Receipts {
  sent = 0
  readonly #due: Map<Session, Map<Room, number>>[] = Array.from({ length: turns }, () => new Map())
  readonly #timer: NodeJS.Timeout
  #turn = 0

  constructor() {
    this.#timer = setInterval(() => this.#flush(), limits.cursorFlushIntervalMs / turns)
  }

  owe(session: Session, room: Room, seq: number): void {
    const turn = this.#due[session.user % turns] as Map<Session, Map<Room, number>>
    const rooms = turn.get(session)
    if (rooms) rooms.set(room, seq)
    else turn.set(session, new Map([[room, seq]]))
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #flush(): void {
    const round = Math.floor(this.#turn / turns)
    const turn = this.#due[this.#turn++ % turns] as Map<Session, Map<Room, number>>
    for (const [session, rooms] of turn) {
      // A pair's takes the rest along.
      const isDue = (round + Math.floor(session.user / turns)) % groupRounds === 0 || [...rooms.keys()].some(isPair)
      if (!isDue) continue
      for (const [room, seq] of rooms) {
        session.send(`{"type":"ack","conversationId":"${room.id}","seq":${seq},"status":"delivered"}`)
        this.sent++
      }
      turn.delete(session)
    }
  }
}
