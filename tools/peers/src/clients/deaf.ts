/** For a session that only comes and goes. */
import type { Ears } from '@godwit/bench/load/session.ts'

export const deaf: Ears<unknown> = { entry() {}, acked() {}, refused() {}, pong() {} }
