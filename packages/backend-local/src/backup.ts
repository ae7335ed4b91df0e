import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { DataFolderError, databaseIn } from './data-folder.ts'
import { busyTimeoutMs, openReader } from './database.ts'
import { placeWhole } from './files.ts'
import { inspect, type StoreFacts } from './inspect.ts'
import { mustHoldData } from './snapshot.ts'

/** Pages copied between two turns of the event loop: 1 MiB. */
const pagesAtOnce = 256

export interface BackupOptions {
  readonly folder: string
  /** A file that is not there yet, or a folder (also what ends in `/`): then the file is named after the time. */
  readonly target: string
  /** Unix ms. */
  readonly now: number
  /** Heard after every step of the copy; may throw to end it. */
  readonly onProgress: (done: number, total: number) => void
}

export interface Backup extends StoreFacts {
  readonly file: string
  readonly bytes: number
}

/**
 * Copies the database as it is at one moment, beside a server that goes on serving, and reads the copy back whole. It holds
 * everything that a start needs, secrets included. Throws `DataFolderError`.
 */
export async function backUp({ folder, target, now, onProgress }: BackupOptions): Promise<Backup> {
  const source = databaseIn(folder)
  mustHoldData(folder)
  const file = resolve(namesFolder(target) ? join(target, `godwit-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}.db`) : target)
  if (existsSync(file)) throw new DataFolderError('TARGET_EXISTS', `${file} exists. Choose another name: a backup replaces nothing.`)
  const facts = await placeWhole(file, async (part) => {
    await copy(source, part, onProgress)
    return verified(part, file)
  })
  return { file, bytes: statSync(file).size, ...facts }
}

async function copy(source: string, part: string, onProgress: BackupOptions['onProgress']): Promise<void> {
  using db = openReader(source)
  // One snapshot for all steps. Without it every commit of the server would start the copy again from its beginning.
  db.exec('BEGIN')
  db.prepare('SELECT count(*) FROM sqlite_schema').get()
  await backup(db, part, {
    rate: pagesAtOnce,
    progress: ({ totalPages, remainingPages }) => onProgress(totalPages - remainingPages, totalPages),
  })
}

function verified(part: string, file: string): StoreFacts {
  using db = new DatabaseSync(part, { timeout: busyTimeoutMs })
  // One file that is whole by itself, without a write-ahead log beside it.
  db.exec('PRAGMA journal_mode = DELETE')
  return inspect(db, file)
}

/** A folder that is missing must not become a file of its name: the next backup would find that taken. */
const namesFolder = (path: string) => path.endsWith('/') || (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)
