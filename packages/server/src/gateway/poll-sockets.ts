/** The polls that are open, by their unguessable id: who knows it speaks for the session. */
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Gateway } from './gateway.ts'
import { PollSocket } from './poll-socket.ts'

export interface PollSocketsDeps {
  readonly clock: Clock
  readonly gateway: Pick<Gateway, 'accept'>
  /** At least 128 bits of a secure random source, as text that fits a path. */
  readonly newPollId: () => string
}

export class PollSockets {
  readonly #deps: PollSocketsDeps
  readonly #open = new Map<string, PollSocket>()

  constructor(deps: PollSocketsDeps) {
    this.#deps = deps
  }

  /** Answers the id of a new one. Its session waits for `hello`, as behind any socket. */
  open(address: string): string {
    const { clock, gateway, newPollId } = this.#deps
    const pollId = newPollId()
    const socket = new PollSocket(clock, () => this.#open.delete(pollId))
    this.#open.set(pollId, socket)
    socket.connect(gateway.accept(socket, { address }))
    return pollId
  }

  /** Throws NOT_FOUND: ended, idle for too long, or of a server that has restarted since. The client opens another. */
  get(pollId: string): PollSocket {
    const socket = this.#open.get(pollId)
    if (!socket) throw new GodwitError('NOT_FOUND', 'this poll has ended; open another')
    return socket
  }
}
