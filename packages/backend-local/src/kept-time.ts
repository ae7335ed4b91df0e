import type { DatabaseSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock, Timer } from '@godwit/server/ports/clock.ts'
import type { Threads } from './threads.ts'

/**
 * Keeps how far the clock has come, now and every `keptTimeIntervalMs`; answers how to stop. A machine's clock may be set back while the server is
 * down, and what is stamped afterwards must not look older than a mark that was given before (L7). Marks lie `markSlackMs` back, so
 * it is enough that what is kept is not as old as that.
 */
export function keepTime(clock: Clock, { writer }: Pick<Threads, 'writer'>): () => void {
  let timer: Timer | null = null
  keep()
  function keep(): void {
    // The next one makes it good. A disk that stays full for longer than the slack of a mark is in decision 23.
    writer.call('keepTime', clock.now()).catch(() => {})
    timer = clock.setTimer(limits.keptTimeIntervalMs, keep)
  }
  return () => timer?.cancel()
}

/** The earliest that the clock may begin at, in Unix ms: the newest entries, and the time that was kept. 0 for an empty store. */
export function latestTime(db: DatabaseSync): number {
  // Commits of different conversations may pass each other by a little, hence more than one.
  const times = db.prepare(`
    SELECT max(at) AS at FROM (SELECT at FROM entries ORDER BY position DESC LIMIT 1000) UNION ALL SELECT at FROM kept_time`)
  return Math.max(0, ...times.all().map(({ at }) => Number(at)))
}

export function keptTimeWrites(db: DatabaseSync) {
  const store = db.prepare('UPDATE kept_time SET at = ?')

  return {
    keepTime(at: number): void {
      store.run(at)
    },
  }
}
