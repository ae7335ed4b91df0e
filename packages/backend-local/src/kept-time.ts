import type { DatabaseSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { Threads } from './threads.ts'

/**
 * Keeps how far the clock has come, now and every `keptTimeMs`; answers how to stop. A machine's clock may be set back while the server is
 * down, and what is stamped afterwards must not look older than a mark that was given before (L7). Marks lie `markSlackMs` back, so
 * it is enough that what is kept is not as old as that.
 */
export function keepTime(clock: Clock, { writer }: Pick<Threads, 'writer'>): () => void {
  let timer = clock.setTimer(0, keep)
  function keep(): void {
    // While it cannot be stored, nor can an entry.
    writer.call('keepTime', clock.now()).catch(() => {})
    timer = clock.setTimer(limits.keptTimeMs, keep)
  }
  return () => timer.cancel()
}

/** Behind which the clock must not begin, in Unix ms: the newest entries, and the time that was kept. 0 for an empty store. */
export function latestTime(db: DatabaseSync): number {
  // Commits of different conversations may pass each other by a little, hence more than one.
  const row = db.prepare(`
    SELECT max(at) AS at FROM (SELECT at FROM entries ORDER BY position DESC LIMIT 1000) UNION ALL SELECT at FROM kept_time`)
  return Math.max(0, ...row.all().map(({ at }) => Number(at)))
}

export function keptTimeWrites(db: DatabaseSync) {
  const clear = db.prepare('DELETE FROM kept_time')
  const store = db.prepare('INSERT INTO kept_time VALUES (?)')

  return {
    keepTime(at: number): void {
      clear.run()
      store.run(at)
    },
  }
}
