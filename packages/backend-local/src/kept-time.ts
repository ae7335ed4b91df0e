import { randomBytes } from 'node:crypto'
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

/**
 * The earliest that the clock may begin at, in Unix ms: the newest entries, and the time that was kept. 0 for an empty store. A kept time
 * that is far ahead of the machine's is of a clock that was wrong, and would hold this one there for good: then a new epoch begins.
 */
export function earliestTime(db: DatabaseSync): number {
  const kept = Number(db.prepare('SELECT at FROM kept_time').get()?.at)
  // Commits of different conversations may pass each other by a little, hence more than one.
  const newest = db.prepare('SELECT max(at) AS at FROM (SELECT at FROM entries ORDER BY position DESC LIMIT 1000)')
  const newestAt = Number(newest.get()?.at ?? 0)
  if (kept <= Date.now() + limits.keptTimeAheadMsMax) return Math.max(kept, newestAt)
  renewEpoch(db)
  return newestAt
}

/** Voids all marks (L7): every device begins anew, and misses nothing. Answers the new epoch. */
export function renewEpoch(db: DatabaseSync): string {
  const epoch = randomBytes(16).toString('hex')
  db.prepare("REPLACE INTO secrets VALUES ('epoch', ?)").run(epoch)
  db.exec('UPDATE kept_time SET at = 0')
  return epoch
}

export function keptTimeWrites(db: DatabaseSync) {
  const store = db.prepare('UPDATE kept_time SET at = ?')

  return {
    keepTime(at: number): void {
      store.run(at)
    },
  }
}
