import { readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { defineChecksum } from './checksum.ts'

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

/** The schema that this version reads and writes. */
export const knownSchema = migrations.at(-1)?.version ?? 0

/** Brings an older database up to date, all steps in one transaction. Throws `NewerSchemaError` on a newer one. */
export function migrate(db: DatabaseSync): void {
  defineChecksum(db)
  db.exec('BEGIN IMMEDIATE')
  try {
    const stored = storedVersion(db)
    if (stored > knownSchema) throw new NewerSchemaError(stored, knownSchema)
    for (const { version, file } of migrations) {
      if (version <= stored) continue
      db.exec(readFileSync(new URL(file, folder), 'utf8'))
      db.prepare('UPDATE schema_version SET version = ?').run(version)
    }
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
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
