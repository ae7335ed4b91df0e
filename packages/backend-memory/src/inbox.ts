import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Conversations } from '@godwit/server/ports/conversations.ts'
import type { Inbox, InboxRow, Place } from '@godwit/server/ports/inbox.ts'
import type { MessageLog } from '@godwit/server/ports/message-log.ts'
import { zero } from './cursors.ts'
import type { Disk } from './disk.ts'

/** Over any log and projection. The sieve lets nothing through that it need not. Only listed rows have their last entry at hand. */
export function memoryInbox(disk: Disk, conversations: Conversations, log: MessageLog): Inbox {
  /** Heads and cursors are read behind the memberships. */
  async function rowsOf(userId: UserId): Promise<InboxRow[]> {
    const memberships = await conversations.membershipsOf(userId)
    const heads = await log.heads(memberships.map(({ conversationId }) => conversationId))
    return memberships.flatMap((membership, nth) => {
      const { conversationId, peerId } = membership
      const cursors = disk.cursors.get(conversationId)
      const head = heads[nth]
      const peerCursor = peerId && (cursors?.get(peerId) ?? zero)
      return head ? { membership, head, last: null, cursor: cursors?.get(userId) ?? zero, peerCursor } : []
    })
  }

  const entryAt = async (id: ConversationId, seq: number) =>
    (await log.read(id, { from: seq, to: seq, limit: 1, direction: 'up' })).entries[0] ?? null

  async function placeOf({ membership: { conversationId, flags, intervals }, head }: InboxRow): Promise<Place> {
    const last = Math.max(...intervals.map(({ to }) => to ?? head.seq))
    const lastAt = last < head.seq ? ((await entryAt(conversationId, last))?.at ?? 0) : head.at
    return { pinned: flags.pinned, lastAt, conversationId }
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
      const rows = await Promise.all((await rowsOf(userId)).map(async (row) => ({ ...row, place: await placeOf(row) })))
      const page = rows
        .sort((one, other) => order(one.place, other.place))
        .filter(({ place }) => behind === null || order(behind, place) < 0)
        .slice(0, limit)
      return Promise.all(page.map(async (row) => ({ ...row, last: await entryAt(row.membership.conversationId, row.head.seq) })))
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
