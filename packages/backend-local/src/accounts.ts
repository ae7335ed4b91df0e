import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { Account, AccountChange, Accounts, Pseudonym } from '@godwit/server/ports/accounts.ts'
import type { Threads } from './threads.ts'

export function localAccounts({ writer, reader }: Threads): Accounts {
  return {
    create: (account) => writer.call('createAccount', account),
    byName: (name) => reader.call('accountByName', name),
    bySubject: (subject) => reader.call('accountBySubject', subject),
    byIds: (userIds) => reader.call('accountsByIds', userIds),
    update: (userId, change) => writer.call('updateAccount', userId, change),
    setBlock: (userId, blockedId, blocked) => writer.call('setBlock', userId, blockedId, blocked),
    blocksOf: (userId) => reader.call('blocksOf', userId),
    erase: (userId, pseudonym) => writer.call('eraseAccount', userId, pseudonym),
  }
}

const flag = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value))

export function accountWrites(db: DatabaseSync) {
  const create = db.prepare(`
    INSERT INTO accounts (user_id, name, display_name, password_hash, subject, read_receipts, show_last_seen, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
  const update = db.prepare(`
    UPDATE accounts SET display_name = coalesce(?, display_name), password_hash = iif(?, ?, password_hash),
      read_receipts = coalesce(?, read_receipts), show_last_seen = coalesce(?, show_last_seen)
    WHERE user_id = ? AND erased_at IS NULL`)
  const block = db.prepare(`
    INSERT INTO blocks SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE user_id = ?1 AND erased_at IS NOT NULL)
    ON CONFLICT DO NOTHING`)
  const unblock = db.prepare('DELETE FROM blocks WHERE user_id = ? AND blocked_id = ?')
  const unblockAll = db.prepare('DELETE FROM blocks WHERE user_id = ?1 OR blocked_id = ?1')
  const erase = db.prepare(`
    UPDATE accounts SET name = ?, display_name = ?, password_hash = NULL, subject = NULL, read_receipts = 0, show_last_seen = 0,
      created_at = 0, erased_at = ?
    WHERE user_id = ? AND erased_at IS NULL`)

  return {
    createAccount({ userId, name, displayName, passwordHash, subject, readReceipts, showLastSeen, createdAt }: Account): boolean {
      const flags = [Number(readReceipts), Number(showLastSeen)] as const
      return create.run(userId, name, displayName, passwordHash, subject, ...flags, createdAt).changes === 1
    },

    updateAccount(userId: UserId, { displayName, passwordHash, readReceipts, showLastSeen }: AccountChange): void {
      // null is a password hash too: none.
      const password = [Number(passwordHash !== undefined), passwordHash ?? null] as const
      update.run(displayName ?? null, ...password, flag(readReceipts), flag(showLastSeen), userId)
    },

    setBlock(userId: UserId, blockedId: UserId, blocked: boolean): void {
      const statement = blocked ? block : unblock
      statement.run(userId, blockedId)
    },

    eraseAccount(userId: UserId, { name, displayName, at }: Pseudonym): void {
      unblockAll.run(userId)
      erase.run(name, displayName, at, userId)
    },
  }
}

const columns = `user_id AS userId, name, display_name AS displayName, password_hash AS passwordHash, subject,
  read_receipts AS readReceipts, show_last_seen AS showLastSeen, created_at AS createdAt, erased_at AS erasedAt`

export function accountReads(db: DatabaseSync) {
  const byName = db.prepare(`SELECT ${columns} FROM accounts WHERE name = ?`)
  const bySubject = db.prepare(`SELECT ${columns} FROM accounts WHERE subject = ?`)
  const byId = db.prepare(`SELECT ${columns} FROM accounts WHERE user_id = ?`)
  const blocks = db.prepare('SELECT blocked_id AS blockedId FROM blocks WHERE user_id = ?')

  return {
    accountByName: (name: string): Account | null => accountOf(byName.get(name)),
    accountBySubject: (subject: string): Account | null => accountOf(bySubject.get(subject)),
    accountsByIds: (userIds: readonly UserId[]): readonly (Account | null)[] => userIds.map((userId) => accountOf(byId.get(userId))),
    blocksOf: (userId: UserId): readonly UserId[] => blocks.all(userId).map((row) => row.blockedId as UserId),
  }
}

function accountOf(row: Record<string, unknown> | undefined): Account | null {
  if (!row) return null
  const { erasedAt, ...account } = row
  const flags = { readReceipts: row.readReceipts === 1, showLastSeen: row.showLastSeen === 1 }
  return { ...(account as object as Account), ...flags, ...(erasedAt === null ? {} : { erasedAt: Number(erasedAt) }) }
}
