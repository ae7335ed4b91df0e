/** Requests that are worth repeating. */
import { GodwitError } from '@godwit/protocol/errors.ts'
import { backoffMs, type Clock, sleep } from './clock.ts'

const baseMs = 250
const maxMs = 10_000

/**
 * Repeats `run` while its failure may pass by itself (no answer, busy, too fast), and while `wanted`. Throws what will not pass, and the
 * last failure when nobody wants the answer any more.
 */
export async function persist<T>(clock: Clock, wanted: (attempt: number) => boolean, run: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof GodwitError) || (error.retry !== 'same-id' && error.retry !== 'later')) throw error
      await sleep(clock, Math.max(error.retryAfterMs ?? 0, backoffMs(clock, attempt, baseMs, maxMs)))
      if (!wanted(attempt + 1)) throw error
    }
  }
}
