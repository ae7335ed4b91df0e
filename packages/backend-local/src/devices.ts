import type { DatabaseSync } from 'node:sqlite'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { DeviceRecord, Devices, RefreshState, SignOutPage } from '@godwit/server/ports/accounts.ts'
import type { Threads } from './threads.ts'

export function localDevices({ writer, reader }: Threads): Devices {
  return {
    async add(device) {
      if (!(await writer.call('addDevice', device))) throw new GodwitError('UNAUTHENTICATED')
    },
    get: (deviceId) => reader.call('device', deviceId),
    ofUser: (userId) => reader.call('devicesOfUser', userId),
    rotate: (deviceId, expected, next) => writer.call('rotate', deviceId, expected, next),
    revoke: (deviceId, at) => writer.call('revoke', deviceId, at),
    signOutPosition: () => reader.call('signOutPosition'),
    signOutsAfter: (position) => reader.call('signOutsAfter', position),
    erase: (userId) => writer.call('eraseDevices', userId),
  }
}

export function deviceWrites(db: DatabaseSync) {
  const add = db.prepare(`
    INSERT INTO devices (device_id, user_id, name, created_at, last_seen_at, revoked_at, refresh_hash, previous_hash, rotated_at, expires_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
    WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE user_id = ?2 AND erased_at IS NOT NULL)`)
  const rotate = db.prepare(`
    UPDATE devices SET refresh_hash = ?, previous_hash = ?, rotated_at = ?, expires_at = ?
    WHERE device_id = ? AND refresh_hash = ? AND revoked_at IS NULL`)
  const revoke = db.prepare('UPDATE devices SET revoked_at = ? WHERE device_id = ? AND revoked_at IS NULL')
  const erase = db.prepare('DELETE FROM devices WHERE user_id = ? RETURNING device_id AS deviceId, revoked_at AS revokedAt')
  // A process asks for those since it began, and an erased user's are not to be kept. With a condition, so that none to delete is no write.
  db.exec('DELETE FROM sign_outs WHERE position > 0')
  const signOut = db.prepare('INSERT INTO sign_outs (device_id) VALUES (?)')

  return {
    /** False for a user who was erased. */
    addDevice(device: DeviceRecord): boolean {
      const { deviceId, userId, name, createdAt, lastSeenAt, revokedAt, refreshHash, previousHashes, rotatedAt, expiresAt } = device
      const state = [refreshHash, textOf(previousHashes), rotatedAt, expiresAt] as const
      return add.run(deviceId, userId, name, createdAt, lastSeenAt, revokedAt, ...state).changes === 1
    },

    rotate(deviceId: DeviceId, expected: string, { refreshHash, previousHashes, rotatedAt, expiresAt }: RefreshState): boolean {
      return rotate.run(refreshHash, textOf(previousHashes), rotatedAt, expiresAt, deviceId, expected).changes === 1
    },

    revoke(deviceId: DeviceId, at: number): void {
      if (revoke.run(at, deviceId).changes === 1) signOut.run(deviceId)
    },

    eraseDevices(userId: UserId): readonly DeviceId[] {
      const erased = erase.all(userId) as { deviceId: DeviceId; revokedAt: number | null }[]
      for (const { deviceId, revokedAt } of erased) if (revokedAt === null) signOut.run(deviceId)
      return erased.map(({ deviceId }) => deviceId)
    },
  }
}

const columns = `device_id AS deviceId, user_id AS userId, name, created_at AS createdAt, last_seen_at AS lastSeenAt,
  revoked_at AS revokedAt, refresh_hash AS refreshHash, previous_hash AS previousHashes, rotated_at AS rotatedAt, expires_at AS expiresAt`

export function deviceReads(db: DatabaseSync) {
  const byId = db.prepare(`SELECT ${columns} FROM devices WHERE device_id = ?`)
  const ofUser = db.prepare(`SELECT ${columns} FROM devices WHERE user_id = ? AND revoked_at IS NULL ORDER BY created_at, rowid`)
  const signOutPosition = db.prepare('SELECT coalesce(max(position), 0) AS position FROM sign_outs')
  const signOutsAfter = db.prepare(`
    SELECT position, device_id AS deviceId FROM sign_outs WHERE position > ? ORDER BY position LIMIT ${limits.signOutsAtOnceMax}`)

  return {
    device(deviceId: DeviceId): DeviceRecord | null {
      const row = byId.get(deviceId)
      return row ? deviceOf(row) : null
    },
    devicesOfUser: (userId: UserId): readonly DeviceRecord[] => ofUser.all(userId).map(deviceOf),
    signOutPosition: (): number => Number(signOutPosition.get()?.position),
    signOutsAfter(position: number): SignOutPage {
      const rows = signOutsAfter.all(position)
      return { deviceIds: rows.map(({ deviceId }) => deviceId as DeviceId), position: Number(rows.at(-1)?.position ?? position) }
    },
  }
}

/** Hashes are hex, so a space parts them. */
const textOf = (hashes: readonly string[]): string | null => (hashes.length > 0 ? hashes.join(' ') : null)

function deviceOf(row: object): DeviceRecord {
  const { previousHashes, ...device } = row as Omit<DeviceRecord, 'previousHashes'> & { readonly previousHashes: string | null }
  return { ...device, previousHashes: previousHashes?.split(' ') ?? [] }
}
