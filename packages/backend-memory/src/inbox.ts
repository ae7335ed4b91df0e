import type { UserId } from '@godwit/protocol/ids.ts'
import type { Conversations, Membership } from '@godwit/server/ports/conversations.ts'
import type { Inbox, InboxRow, ListedRow, Place } from '@godwit/server/ports/inbox.ts'
import { zero } from './cursors.ts'
import type { Disk } from './disk.ts'

/** The sieve lets nothing through that it need not. */
export function memoryInbox(disk: Disk, conversations: Conversations): Inbox {
  const rowsOf = async (userId: UserId): Promise<InboxRow[]> =>
    (await conversations.membershipsOf(userId)).flatMap((membership) => {
      const { conversationId, peerId } = membership
      const cursors = disk.cursors.get(conversationId)
      const head = disk.logs.get(conversationId)?.head
      const peerCursor = peerId && (cursors?.get(peerId) ?? zero)
      return head ? { membership, head, cursor: cursors?.get(userId) ?? zero, peerCursor } : []
    })

  const placeOf = ({ conversationId, flags: { pinned }, intervals }: Membership): Place => {
    const last = Math.max(...intervals.map(({ to }) => to ?? Number.POSITIVE_INFINITY))
    const entries = disk.logs.get(conversationId)?.entries ?? []
    return { pinned, lastAt: entries.findLast(({ seq }) => seq <= last)?.at ?? 0, conversationId }
  }

  return {
    async changedSince(userId, deviceId, at) {
      const delivered = disk.deliveries.get(deviceId)
      return (await rowsOf(userId))
        .filter(({ membership: { changedAt, flagsAt }, head, cursor, peerCursor }) => {
          return Math.max(head.at, changedAt, flagsAt, cursor.at, peerCursor?.at ?? 0) >= at
        })
        .map((row) => ({ ...row, delivered: delivered?.get(row.membership.conversationId) ?? 0 }))
    },
    async newest(userId, behind, limit) {
      const rows = await rowsOf(userId)
      return rows
        .flatMap((row): ListedRow | [] => {
          const last = disk.logs.get(row.membership.conversationId)?.entries.at(-1)
          return last ? { ...row, last, place: placeOf(row.membership) } : []
        })
        .sort((one, other) => order(one.place, other.place))
        .filter(({ place }) => behind === null || order(behind, place) < 0)
        .slice(0, limit)
    },
  }
}

function order(one: Place, other: Place): number {
  return (
    Number(other.pinned) - Number(one.pinned) ||
    other.lastAt - one.lastAt ||
    (one.conversationId === other.conversationId ? 0 : one.conversationId < other.conversationId ? 1 : -1)
  )
}
