import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isBusy } from './database.ts'

/** Another process serves this data folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError'
  readonly code = 'FOLDER_IN_USE'

  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another Godwit server. Stop that one, or give this one a folder of its own.`)
  }
}

export interface FolderLock {
  release(): void
}

/**
 * One process per data folder: SQLite's exclusive lock on a file of its own. The kernel drops it with the process, also on
 * kill -9, so no stale lock is left to be cleared by hand. Throws `FolderInUseError`.
 */
export function lockFolder(folder: string): FolderLock {
  const db = new DatabaseSync(join(folder, 'godwit.lock'), { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw isBusy(error) ? new FolderInUseError(folder) : error
  }
  return { release: () => db.close() }
}
