/**
 * What is kept of one user, line by line: their account, devices, blocks, conversations with their stay in them, and what they
 * wrote there. Of other people no more than whom they blocked and whom they talk to in a direct conversation, by login name; else
 * ids alone. Secrets (password hash, token hashes) are left out.
 */
import { type ConversationKind, type Entry, type EntryContent, isMembership, type Role } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, DeviceId, MessageId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'
import { asLastSeen, isMember, type Seat, seatOf } from '../chat/memberships.ts'
import { visibleRanges } from '../chat/visibility.ts'
import type { Interval } from '../ports/conversations.ts'
import type { Cursor } from '../ports/cursors.ts'
import type { Ports } from '../ports/ports.ts'

export type ExportDeps = Pick<Ports, 'accounts' | 'devices' | 'conversations' | 'cursors' | 'messageLog'>

interface Person {
  readonly userId: UserId
  readonly name: string | null
}

/** Times are Unix ms. The first line is the `user`, the last one `end`: without it something is missing. */
export type ExportLine =
  | {
      readonly type: 'user'
      readonly userId: UserId
      readonly name: string
      readonly displayName: string
      /** `issuer|subject` where an outside issuer signs this user in. */
      readonly subject: string | null
      readonly privacy: { readonly readReceipts: boolean; readonly lastSeen: boolean }
      readonly createdAt: number
    }
  /** Signed in now. */
  | {
      readonly type: 'device'
      readonly deviceId: DeviceId
      readonly name: string
      readonly createdAt: number
      readonly lastSeenAt: number | null
    }
  | ({ readonly type: 'block' } & Person)
  /** Followed by its entries. Of a conversation that the user has left, name and kind are those of that time. */
  | {
      readonly type: 'conversation'
      readonly conversationId: ConversationId
      readonly kind: ConversationKind
      readonly name: string | null
      readonly peer: Person | null
      /** Stretches of membership, first and last seq included; `to` is null while a member. */
      readonly intervals: readonly { readonly from: number; readonly joined: number; readonly to: number | null; readonly role: Role }[]
      readonly flags: ConversationFlags
      readonly cursor: Cursor
    }
  /** A message, edit, deletion or reaction of the user, as it was sent; the text of one that was deleted is gone. */
  | ({
      readonly type: 'entry'
      readonly conversationId: ConversationId
      readonly seq: number
      readonly messageId: MessageId
      readonly at: number
      readonly deleted: boolean
    } & OwnContent)
  | { readonly type: 'end'; readonly entries: number }

type OwnContent = Extract<EntryContent, { kind: 'message' | 'edit' | 'delete' | 'reaction' }>

/** Throws FORBIDDEN where there is no such user. */
export async function* exportUser(deps: ExportDeps, userId: UserId): AsyncGenerator<ExportLine> {
  const [account] = await deps.accounts.byIds([userId])
  if (!account) throw new GodwitError('FORBIDDEN', 'there is no such user')
  const { name, displayName, subject, createdAt, readReceipts, showLastSeen } = account
  yield { type: 'user', userId, name, displayName, subject, privacy: { readReceipts, lastSeen: showLastSeen }, createdAt }
  for (const { deviceId, name, createdAt, lastSeenAt } of await deps.devices.ofUser(userId))
    yield { type: 'device', deviceId, name, createdAt, lastSeenAt }
  for (const person of await people(deps, await deps.accounts.blocksOf(userId))) yield { type: 'block', ...person }

  let entries = 0
  for (const { conversationId } of await deps.conversations.membershipsOf(userId)) {
    const seat = await seatOf({ ...deps, log: deps.messageLog }, userId, conversationId)
    yield conversationLine(deps, userId, seat)
    for await (const line of ownEntries(deps, userId, seat)) {
      entries++
      yield line
    }
  }
  yield { type: 'end', entries }
}

async function conversationLine(deps: ExportDeps, userId: UserId, { membership: current, head }: Seat): Promise<ExportLine> {
  const { conversationId } = current
  const log = deps.messageLog
  const membership = isMember(current) ? current : await asLastSeen({ ...deps, log }, userId, head, current)
  const { kind, name, peerId, flags, intervals } = membership
  const [cursor] = await deps.cursors.of([{ conversationId, userId }])
  const [peer] = peerId ? await people(deps, [peerId]) : []
  const stays = intervals.map(({ from, joined, to, role }: Interval) => ({ from, joined, to, role }))
  return { type: 'conversation', conversationId, kind, name, peer: peer ?? null, intervals: stays, flags, cursor: cursor as Cursor }
}

async function* ownEntries(deps: ExportDeps, userId: UserId, { membership, head }: Seat): AsyncGenerator<ExportLine> {
  const { conversationId, intervals } = membership
  for (const { from: first, to } of visibleRanges(intervals, head.seq)) {
    for (let from = first; from <= to; from += limits.sweepEntriesMax) {
      const upTo = Math.min(to, from + limits.sweepEntriesMax - 1)
      const page = await deps.messageLog.read(conversationId, { from, to: upTo, limit: limits.sweepEntriesMax, direction: 'up' })
      const deleted = new Set(page.amendments.flatMap((entry) => (entry.kind === 'delete' ? [entry.target] : [])))
      for (const entry of page.entries)
        if (entry.senderId === userId && !isMembership(entry)) yield entryLine(entry as Entry & OwnContent, deleted.has(entry.seq))
    }
  }
}

function entryLine(
  { senderId: _s, clientMsgId: _c, count: _n, membershipSeq: _m, ...entry }: Entry & OwnContent,
  deleted: boolean,
): ExportLine {
  return { type: 'entry', ...entry, deleted }
}

async function people({ accounts }: ExportDeps, userIds: readonly UserId[]): Promise<readonly Person[]> {
  const found = await accounts.byIds(userIds)
  return userIds.map((userId, i) => ({ userId, name: found[i]?.name ?? null }))
}
