import { readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { checksumSchema, damagedEntries, defineChecksum } from './checksum.ts'
import { DataFolderError } from './data-folder.ts'
import { isConstraintViolation } from './database.ts'

/** The data folder belongs to a newer Godwit: an older one must not touch it. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError'
  readonly code = 'OTHER_SCHEMA'

  constructor(stored: number, known: number) {
    super(
      `The data was written by a newer Godwit (schema ${stored}; this one knows up to ${known}). ` +
        'Start that version or a newer one, or restore a backup made by this one.',
    )
  }
}

interface Migration {
  readonly version: number
  readonly file: string
}

const folder = new URL('./migrations/', import.meta.url)
const migrations = listMigrations()

/** The last migration that copies the log. */
const copiesEntries = 5

/** The schema that this version reads and writes. */
export const knownSchema = migrations.at(-1)?.version ?? 0

/**
 * Brings an older database up to date, all steps in one transaction, and answers whether it was older. `onOlder` hears of it first: that
 * may take minutes. Throws `NewerSchemaError` on a newer one, and `DataFolderError` DAMAGED rather than to copy what is damaged: its
 * keys may be all that is left of it (L3).
 */
export function migrate(db: DatabaseSync, onOlder: (schema: number) => void = () => {}): boolean {
  db.exec('BEGIN IMMEDIATE')
  try {
    const stored = storedVersion(db)
    if (stored > knownSchema) throw new NewerSchemaError(stored, knownSchema)
    if (stored > 0 && stored < knownSchema) {
      onOlder(stored)
      if (stored < copiesEntries) assertWholeEntries(db, stored)
    }
    defineChecksum(db)
    for (const { version, file } of migrations) {
      if (version <= stored) continue
      db.exec(readFileSync(new URL(file, folder), 'utf8'))
      db.prepare('UPDATE schema_version SET version = ?').run(version)
    }
    db.exec('COMMIT')
    return stored < knownSchema
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw isConstraintViolation(error) ? damagedData('rows of it are not as they were stored') : error
  }
}

function assertWholeEntries(db: DatabaseSync, schema: number): void {
  const damaged = schema < checksumSchema ? 0 : damagedEntries(db)
  if (damaged > 0) throw damagedData(`${damaged} entries are not as they were stored`)
}

function damagedData(what: string): DataFolderError {
  return new DataFolderError(
    'DAMAGED',
    `The data is damaged: ${what}. It was left as it is, and the version that wrote it still serves the rest. ` +
      'To go on with this one, restore a backup (godwit restore).',
  )
}

function listMigrations(): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.sql$/.test(file))
    .map((file) => ({ version: Number(file.slice(0, 4)), file }))
    .sort((a, b) => a.version - b.version)
}

/** Without changing anything; null where this is no database of Godwit. */
export function schemaOf(db: DatabaseSync): number | null {
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'").get()
  const row = table && db.prepare('SELECT version FROM schema_version').get()
  return row ? Number(row.version) : null
}

function storedVersion(db: DatabaseSync): number {
  db.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT')
  const row = db.prepare('SELECT version FROM schema_version').get()
  if (row) return Number(row.version)
  db.exec('INSERT INTO schema_version VALUES (0)')
  return 0
}
