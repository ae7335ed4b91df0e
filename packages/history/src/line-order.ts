/** Whether the lines of a history come in the order of their times, as far as the checks that judge them one after the other need it. */
import type { HistoryLine } from './history.ts'
import { getOrMake } from './maps.ts'

/** When the last line of its kind was. */
interface Times {
  connect: number
  /** A device writes a run of deliveries down when it is over, so those of two conversations may overlap. */
  readonly byConversation: Map<string, { deliver: number; cursor: number }>
  /** Of all deliveries and cursors. */
  last: number
  /** Of a reset or a crash: deliveries and cursors stand before it or behind. */
  turn: number
}

const never = Number.NEGATIVE_INFINITY

export class LineOrder {
  readonly #devices = new Map<string, Times>()

  /** Shown every line; false when an earlier one should have come behind it. */
  keeps(line: HistoryLine): boolean {
    switch (line.op) {
      case 'connect':
        return this.#keepsConnect(this.#timesOf(line.proc), line.t)
      case 'deliver':
      case 'cursor':
        return this.#keepsOf(this.#timesOf(line.proc), line)
      case 'reset':
      case 'crash':
        return this.#keepsTurn(this.#timesOf(line.proc), line.t)
      default:
        return true
    }
  }

  #timesOf(proc: string): Times {
    return getOrMake(this.#devices, proc, () => ({ connect: never, byConversation: new Map(), last: never, turn: never }))
  }

  #keepsConnect(times: Times, t: number): boolean {
    const keeps = t >= times.connect
    times.connect = t
    return keeps
  }

  #keepsOf(times: Times, { op, conv, t }: Extract<HistoryLine, { readonly op: 'deliver' | 'cursor' }>): boolean {
    const ofConversation = getOrMake(times.byConversation, conv, () => ({ deliver: never, cursor: never }))
    const keeps = t >= times.turn && t >= ofConversation[op]
    ofConversation[op] = t
    if (t > times.last) times.last = t
    return keeps
  }

  #keepsTurn(times: Times, t: number): boolean {
    const keeps = t >= times.last && t >= times.turn
    times.turn = t
    return keeps
  }
}

/** The same lines, those of what was shown in the order of their times. */
export function inOrder(history: Iterable<HistoryLine>, isShown: (line: HistoryLine) => boolean): readonly HistoryLine[] {
  const lines = [...history]
  const shown = lines.filter(isShown).sort((one, other) => one.t - other.t)
  return [...lines.filter((line) => !isShown(line)), ...shown]
}
