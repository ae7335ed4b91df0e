import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'

/**
 * The numbers that stand for wire ids in rows and keys. A name keeps its number for ever, so both directions may be cached;
 * a full cache is emptied, which is cheaper than to order it by use.
 */
export class Names {
  readonly #selectId: StatementSync
  readonly #selectName: StatementSync
  readonly #ids = new Map<string, number>()
  readonly #names = new Map<number, string>()

  constructor(db: DatabaseSync) {
    this.#selectId = db.prepare('SELECT id FROM names WHERE name = ?')
    this.#selectName = db.prepare('SELECT name FROM names WHERE id = ?')
  }

  /** null where the name was never stored. */
  idOf(name: string): number | null {
    const cached = this.#ids.get(name)
    if (cached !== undefined) return cached
    const row = this.#selectId.get(name)
    return row ? this.remember(Number(row.id), name) : null
  }

  /** `'undefined'` for a number that nobody has: a row that has it fails its checksum. */
  nameOf<Name extends string>(id: number): Name {
    const cached = this.#names.get(id)
    if (cached !== undefined) return cached as Name
    const row = this.#selectName.get(id)
    if (row) this.remember(id, String(row.name))
    return String(row?.name) as Name
  }

  protected remember(id: number, name: string): number {
    if (this.#ids.size >= limits.storeNamesCachedMax) this.forget()
    this.#ids.set(name, id)
    this.#names.set(id, name)
    return id
  }

  /** After a rollback: numbers given in that transaction were not kept. */
  forget(): void {
    this.#ids.clear()
    this.#names.clear()
  }
}

/** The writer's: gives a number to a new name. */
export class NewNames extends Names {
  readonly #insert: StatementSync

  constructor(db: DatabaseSync) {
    super(db)
    this.#insert = db.prepare('INSERT INTO names (name) VALUES (?)')
  }

  idFor(name: string): number {
    return this.idOf(name) ?? this.remember(Number(this.#insert.run(name).lastInsertRowid), name)
  }
}
