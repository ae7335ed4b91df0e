import { existsSync, mkdirSync, statSync } from 'node:fs'
import { chmod, copyFile, open } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { anyRefreshToken } from '@godwit/server/ports/accounts.ts'
import { DataFolderError, databaseIn, explained } from './data-folder.ts'
import { busyTimeoutMs } from './database.ts'
import { placeWhole, privateMode } from './files.ts'
import { lockFolder } from './folder-lock.ts'
import { inspect, type StoreFacts } from './inspect.ts'
import { renewEpoch } from './kept-time.ts'

export interface Restored extends StoreFacts {
  readonly epoch: string
}

/**
 * Puts a backup into a data folder that holds none, read back whole, under a new epoch: what was acknowledged since the backup is
 * gone, so every device has to compare its copy anew (L7). Throws `FolderInUseError` and `DataFolderError`.
 */
export async function restoreBackup(backup: string, folder: string): Promise<Restored> {
  await mustBeBackup(backup)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw explained(error, folder)
  }
  // Held to the end, so that no server starts on half a database.
  const lock = lockFolder(folder)
  try {
    const target = databaseIn(folder)
    if (existsSync(target) || existsSync(`${target}-wal`))
      throw new DataFolderError('NOT_EMPTY', `${folder} holds data. Move it away first, or set GODWIT_DATA to an empty folder.`)
    return await placeWhole(target, async (part) => {
      await copyFile(backup, part)
      // The copy took over the mode of the backup.
      await chmod(part, privateMode)
      return renewed(part, backup)
    })
  } finally {
    lock.release()
  }
}

function renewed(part: string, backup: string): Restored {
  using db = new DatabaseSync(part, { timeout: busyTimeoutMs })
  db.exec('PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON')
  const facts = inspect(db, backup)
  db.exec('BEGIN')
  const epoch = renewEpoch(db)
  // Devices have renewed their tokens since, and an older token than the one on record would count as stolen.
  db.prepare("UPDATE devices SET refresh_hash = ? WHERE refresh_hash <> ''").run(anyRefreshToken)
  db.exec('COMMIT')
  return { ...facts, epoch }
}

/** One file that is whole by itself: what a write-ahead log beside it holds would be lost without a word. */
async function mustBeBackup(file: string): Promise<void> {
  if (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size)
    throw new DataFolderError(
      'NO_BACKUP',
      `${file} is no backup: a write-ahead log lies beside it. \`godwit backup\` makes one of its folder.`,
    )
  const handle = await open(file).catch((error) => {
    throw explained(error, file)
  })
  try {
    const magic = 'SQLite format 3\0'
    const { buffer } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0)
    if (String(buffer) !== magic) throw new DataFolderError('NO_BACKUP', `${file} was not written by Godwit.`)
  } catch (error) {
    throw explained(error, file)
  } finally {
    await handle.close()
  }
}
