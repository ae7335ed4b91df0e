import type { DatabaseSync } from 'node:sqlite'
import type { Vault } from '@godwit/server/ports/vault.ts'
import type { Threads } from './threads.ts'

export function localVault({ writer, reader }: Threads): Vault {
  return {
    async getOrCreate(name, make) {
      return (await reader.call('secret', name)) ?? writer.call('keepSecret', name, make())
    },
  }
}

export function vaultReads(db: DatabaseSync) {
  const select = db.prepare('SELECT value FROM secrets WHERE name = ?')
  return { secret: (name: string): string | null => (select.get(name)?.value as string | undefined) ?? null }
}

export function vaultWrites(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING')
  const { secret } = vaultReads(db)
  return {
    /** Answers what stands under the name: the first value wins. */
    keepSecret(name: string, value: string): string {
      insert.run(name, value)
      return secret(name) ?? value
    },
  }
}
