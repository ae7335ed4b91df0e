/**
 * A process that holds idle sessions: a process may have 20,000 open files here, so one cannot hold all of them. Talks to the one
 * that started it over IPC, and ends with it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Greeting, Session } from './session.ts'

/** What it is told to do. */
export interface HolderTask {
  readonly port: number
  readonly firstUser: number
  readonly greetings: readonly Greeting[]
  readonly connectsAtOnce: number
  /** Each session pings so often, less a random tenth, as clients do. */
  readonly pingEveryMs: number
}

/** What it tells. */
export type HolderReport =
  | { readonly type: 'live' }
  | { readonly type: 'failed'; readonly message: string }
  /** Pongs that came since it was live. */
  | { readonly type: 'pongs'; readonly count: number }

const tell = (report: HolderReport) => process.send?.(report)

if (process.send) {
  process.once('disconnect', () => process.exit())
  process.once('message', (task: HolderTask) => hold(task).catch((error: Error) => tell({ type: 'failed', message: error.message })))
}

async function hold({ port, firstUser, greetings, connectsAtOnce, pingEveryMs }: HolderTask): Promise<void> {
  let pongs = 0
  const ears = {
    entry() {},
    acked() {},
    refused: (_n: number, message: string) => tell({ type: 'failed', message }),
    pong: () => {
      pongs++
    },
  }
  for (let from = 0; from < greetings.length; from += connectsAtOnce) {
    const group = greetings.slice(from, from + connectsAtOnce).map(async (greeting, i) => {
      const session = new Session({ port, user: firstUser + from + i, greeting, ears })
      await session.ready
      session.ended.then((code) => tell({ type: 'failed', message: `a session was closed with ${code}` }))
      pingForEver(session, pingEveryMs)
    })
    await Promise.all(group)
  }
  pongs = 0
  tell({ type: 'live' })
  for (;;) {
    await sleep(1_000)
    tell({ type: 'pongs', count: pongs })
  }
}

/** The first one soon, at any moment, so that those of all sessions are spread evenly. */
function pingForEver(session: Session, everyMs: number): void {
  const later = (ms: number) =>
    setTimeout(() => {
      session.send('{"type":"ping"}')
      later(everyMs * (0.9 + Math.random() / 10))
    }, ms)
  later(Math.random() * everyMs)
}
