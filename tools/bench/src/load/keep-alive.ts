/** What a client does to stay: heartbeats, and new tokens before the old ones end. */
import { limits } from '@godwit/protocol/limits.ts'
import type { Fleet } from './fleet.ts'
import type { Tokens } from './tokens.ts'

/** A little at a time, so that the heartbeats of all are spread over the interval. */
const turnsPerInterval = 300

export function keepAlive(fleet: Fleet, tokens: Tokens): Disposable {
  const sessions = [...fleet.sessions.values()]
  const perTurn = Math.ceil(sessions.length / turnsPerInterval)
  const renewEvery = Math.ceil((limits.accessTokenLifetimeS * 1_000 * 0.6) / limits.heartbeatIntervalMs)
  let next = 0
  const timer = setInterval(
    async () => {
      for (let i = 0; i < perTurn; i++, next++) {
        const session = sessions[next % sessions.length]
        const round = Math.floor(next / sessions.length)
        session?.send('{"type":"ping"}')
        if (session && round % renewEvery === renewEvery - 1) session.send(`{"type":"auth","token":"${await tokens.of(session.user)}"}`)
      }
    },
    (limits.heartbeatIntervalMs * 0.95) / turnsPerInterval,
  )
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
