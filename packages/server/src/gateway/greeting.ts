/**
 * A connection until it is known whose it is: a `hello` in time, and its token checked. Nothing is told before (T5). What the client
 * sends right behind its `hello` waits, and may not be much (T14).
 */
import type { CloseName } from '@godwit/protocol/close-codes.ts'
import { decodeUp } from '@godwit/protocol/codec.ts'
import { type ErrorCode, GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import type { Authenticated } from '../accounts/access-tokens.ts'
import type { Timer } from '../ports/clock.ts'
import type { Services } from './services.ts'

export interface GreetingDeps extends Pick<Services, 'clock' | 'authenticate'> {
  /** It is proven who sends; `waiting` came behind the `hello`, in this order. */
  readonly onProven: (who: Authenticated, waiting: readonly string[]) => void
  /** The connection is to be closed, and told `error` before, if there is one. */
  readonly onRefused: (close: CloseName, error?: unknown) => void
}

export class Greeting {
  readonly #deps: GreetingDeps
  readonly #deadline: Timer
  #waiting: string[] = []
  #waitingChars = 0
  #hasHello = false
  #isOver = false

  constructor(deps: GreetingDeps) {
    this.#deps = deps
    this.#deadline = deps.clock.setTimer(limits.helloDeadlineMs, () => deps.onRefused('HELLO_TIMEOUT'))
  }

  receive(text: string): void {
    if (this.#hasHello) this.#wait(text)
    else this.#hello(text)
  }

  /** The connection is gone. A check that is under way lets nobody in any more, and must not hold what waits for it (L9). */
  stop(): void {
    this.#isOver = true
    this.#deadline.cancel()
    this.#waiting = []
  }

  #hello(text: string): void {
    let hello: UpFrame
    try {
      hello = decodeUp(text)
      if (hello.type !== 'hello') throw new GodwitError('HELLO_FIRST')
    } catch (error) {
      this.#deps.onRefused('PROTOCOL', error)
      return
    }
    this.#hasHello = true
    this.#prove(hello.token)
  }

  #wait(text: string): void {
    // An empty text is not free.
    this.#waitingChars += text.length + 1
    if (this.#waitingChars > limits.greetingCharsMax) this.#deps.onRefused('OVERLOADED')
    else this.#waiting.push(text)
  }

  #prove(token: string): void {
    const { authenticate, onRefused } = this.#deps
    authenticate(token)
      .then((who) => this.#proven(who))
      .catch((error) => onRefused(closeAfter(error), error))
  }

  #proven(who: Authenticated): void {
    if (this.#isOver) return
    const waiting = this.#waiting
    this.stop()
    this.#deps.onProven(who, waiting)
  }
}

function closeAfter(error: unknown): CloseName {
  return error instanceof GodwitError ? (closeAfterHello[error.code] ?? 'INTERNAL') : 'INTERNAL'
}

const closeAfterHello: Partial<Record<ErrorCode, CloseName>> = {
  TOKEN_EXPIRED: 'TOKEN_EXPIRED',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  DEVICE_REVOKED: 'DEVICE_REVOKED',
  OVERLOADED: 'OVERLOADED',
}
