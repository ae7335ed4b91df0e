import type { DatabaseSync } from 'node:sqlite'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { Sightings } from '@godwit/server/ports/sightings.ts'
import type { Threads } from './threads.ts'

export function localSightings({ writer, reader }: Threads): Sightings {
  return {
    seen: (sightings) => (sightings.length === 0 ? Promise.resolve() : writer.call('seen', sightings)),
    lastSeen: (userIds) => reader.call('lastSeen', userIds),
  }
}

export function sightingWrites(db: DatabaseSync) {
  const seen = db.prepare('UPDATE devices SET last_seen_at = ?1 WHERE device_id = ?2 AND coalesce(last_seen_at < ?1, true)')

  return {
    seen(sightings: readonly { readonly deviceId: DeviceId; readonly at: number }[]): void {
      for (const { deviceId, at } of sightings) seen.run(at, deviceId)
    },
  }
}

export function sightingReads(db: DatabaseSync) {
  const lastSeen = db.prepare('SELECT max(last_seen_at) AS at FROM devices WHERE user_id = ?')

  return {
    lastSeen: (userIds: readonly UserId[]): readonly (number | null)[] =>
      userIds.map((userId) => (lastSeen.get(userId)?.at as number | null | undefined) ?? null),
  }
}
