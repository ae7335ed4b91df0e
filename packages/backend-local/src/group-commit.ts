import type { DatabaseSync } from 'node:sqlite'
import { isBusy, isDiskFull, isStoreLost } from './database.ts'
import type { Answer, Procedures, Request } from './rpc.ts'
import { failureOf, run, runAlone } from './serve.ts'

/**
 * Group commit: all waiting writes in one transaction and one fsync, each with its own verdict. Nothing is answered before the
 * commit.
 *
 * - Disk full, or the database held by another program for longer than SQLite waits: nothing of the group is stored, and each of
 *   its writes is told so.
 * - A write that throws must not fail the others: the group is rolled back and run again in halves, until it stands alone.
 * - A lost store (I/O error) is thrown: no answer may follow it.
 */
export function groupCommit(
  db: DatabaseSync,
  procedures: Procedures,
  onRollback: () => void,
): (requests: readonly Request[]) => readonly Answer[] {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')

  return function commitAll(requests): readonly Answer[] {
    try {
      begin.run()
      const answers = requests.map((request) => run(procedures, request))
      commit.run()
      return answers
    } catch (error) {
      if (isStoreLost(error)) throw error
      if (db.isTransaction) db.exec('ROLLBACK')
      onRollback()
      if (isDiskFull(error)) return requests.map(([id]) => [id, null, { code: 'STORAGE_FULL', message: '' }])
      if (isBusy(error)) return requests.map(([id]) => [id, null, { code: 'OVERLOADED', message: '' }])
      if (requests.length === 1) return requests.map(([id]) => [id, null, failureOf(error)])
      const middle = requests.length >> 1
      return [...commitAll(requests.slice(0, middle)), ...commitAll(requests.slice(middle))]
    }
  }
}

/** All waiting reads on one snapshot. It begins after they were asked, so it holds every write answered before. */
export function groupRead(db: DatabaseSync, procedures: Procedures): (requests: readonly Request[]) => readonly Answer[] {
  const begin = db.prepare('BEGIN')
  const commit = db.prepare('COMMIT')
  return (requests) => {
    begin.run()
    try {
      return requests.map((request) => runAlone(procedures, request))
    } finally {
      commit.run()
    }
  }
}
