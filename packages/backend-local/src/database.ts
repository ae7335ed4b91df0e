import { DatabaseSync } from 'node:sqlite'

/** Result codes of SQLite (sqlite.org/rescode.html); the low byte of an extended code is the primary one. */
const BUSY = 5
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const NOTADB = 26
const CONSTRAINT = 19
const CONSTRAINT_UNIQUE = 2067
/** The index of the WAL could not grow: a full disk, seen before anything was written. */
const IOERR_SHMSIZE = 4874

/** Readers and the writer never wait for each other in WAL mode; this covers the moments of opening and recovery. */
export const busyTimeoutMs = 5_000

/** WAL, and an fsync for every commit: what is answered survives a loss of power (L4). */
export function openWriter(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: false })
  // Checkpoints run in a thread of their own: inside a commit they would be the p99 of an append.
  // secure_delete: a blanked text is gone from its page as well.
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -65536;
  `)
  return db
}

export function openReader(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs, readOnly: true })
  db.exec('PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;')
  return db
}

/**
 * Copies the write-ahead log into the database; answers the pages in the log, or null when the disk is full or the log in use:
 * then the log keeps what it has, and a later checkpoint copies it.
 */
export function checkpoint(db: DatabaseSync, mode: 'PASSIVE' | 'TRUNCATE'): number | null {
  try {
    return Number(db.prepare(`PRAGMA wal_checkpoint(${mode})`).get()?.log)
  } catch (error) {
    if (isDiskFull(error) || isBusy(error)) return null
    throw error
  }
}

export const isConstraintViolation = (error: unknown): boolean => primaryCode(error) === CONSTRAINT

export const isUniqueViolation = (error: unknown): boolean => resultCode(error) === CONSTRAINT_UNIQUE

export const isBusy = (error: unknown): boolean => primaryCode(error) === BUSY

export const isDiskFull = (error: unknown): boolean => primaryCode(error) === FULL || resultCode(error) === IOERR_SHMSIZE

/** After these nothing is known about what is on the disk: a failed fsync must never be tried again. */
export const isStoreLost = (error: unknown): boolean => !isDiskFull(error) && [IOERR, CORRUPT, NOTADB].includes(primaryCode(error) ?? -1)

const primaryCode = (error: unknown): number | undefined => {
  const code = resultCode(error)
  return code === undefined ? undefined : code & 0xff
}

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
}
