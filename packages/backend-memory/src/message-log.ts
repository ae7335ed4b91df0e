import { type Entry, isAmendment, isMembership } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type {
  CommandKey,
  MessageLog,
  NewEntry,
  ReadRange,
  StoredId,
  UnreadCount,
  UnreadQuestion,
} from '@godwit/server/ports/message-log.ts'
import { emptyHead, placeEntries } from '@godwit/server/ports/place-entries.ts'
import { withoutText } from '@godwit/server/ports/without-text.ts'
import type { Disk, StoredLog } from './disk.ts'

export function memoryMessageLog(disk: Disk): MessageLog {
  return {
    append: async (conversationId, expectedHead, entries) => append(disk, conversationId, expectedHead, entries),
    heads: async (conversationIds) => conversationIds.map((id) => disk.logs.get(id)?.head ?? null),
    read: async (conversationId, range) => read(disk.logs.get(conversationId), range),
    find: async (conversationId, keys) => keys.map((key) => disk.logs.get(conversationId)?.ids.get(keyOf(key)) ?? null),
    membershipEntries: async (conversationId, after, upTo) =>
      (disk.logs.get(conversationId)?.entries ?? []).slice(after, upTo).filter(isMembership),
    unread: async (questions) => questions.map((question) => unread(disk.logs.get(question.conversationId), question)),
    blank: async (conversationId, target) => blank(disk.logs.get(conversationId), target),
  }
}

const keyOf = ({ senderId, clientMsgId }: CommandKey): string => `${senderId} ${clientMsgId}`

function append(disk: Disk, conversationId: ConversationId, expectedHead: number, entries: readonly NewEntry[]) {
  const stored = disk.logs.get(conversationId)
  const log: StoredLog = stored ?? { head: emptyHead, entries: [], ids: new Map(), amendments: new Map() }
  const { placed, head } = placeEntries(conversationId, log.head, structuredClone(entries))
  if (log.head.seq !== expectedHead) return { verdict: 'head-moved' } as const
  const known = entries.map((entry) => log.ids.get(keyOf(entry))).filter((id) => id !== undefined)
  if (known.length > 0) return { verdict: 'known', known } as const

  placed.forEach((entry, index) => {
    log.entries.push(entry)
    log.ids.set(keyOf(entry), storedId(entry, entries[index]?.bodyHash ?? ''))
    if (isAmendment(entry)) log.amendments.set(entry.target, [...(log.amendments.get(entry.target) ?? []), entry.seq])
    disk.commits.push({ conversationId, seq: entry.seq })
  })
  log.head = head
  disk.logs.set(conversationId, log)
  return { verdict: 'appended', head } as const
}

function storedId({ senderId, clientMsgId, seq, messageId, at }: Entry, bodyHash: string): StoredId {
  return { senderId, clientMsgId, seq, messageId, at, bodyHash }
}

function read(log: StoredLog | undefined, { from, to, limit, direction }: ReadRange) {
  if (!log) return { entries: [], amendments: [], head: null }
  const range = log.entries.slice(Math.max(from - 1, 0), Math.max(to, 0))
  const entries = direction === 'up' ? range.slice(0, limit) : range.slice(Math.max(range.length - limit, 0))
  const amendments = entries
    .flatMap(({ seq }) => log.amendments.get(seq) ?? [])
    .sort((a, b) => a - b)
    .flatMap((seq) => log.entries[seq - 1] ?? [])
  return { entries, amendments, head: log.head }
}

function unread(log: StoredLog | undefined, { userId, after, upTo }: UnreadQuestion): UnreadCount {
  const counted = { unread: 0, mentions: 0 }
  const entries = log?.entries.slice(0, Math.max(upTo, 0)) ?? []
  for (const entry of entries.slice(Math.max(after, entries.length - limits.unreadEntriesMax, 0)).reverse()) {
    if (entry.kind !== 'message' || entry.senderId === userId || isDeleted(log, entry.seq, upTo)) continue
    counted.unread += 1
    if (mentionsNow(log, entry, upTo)?.includes(userId)) counted.mentions += 1
    if (counted.unread > limits.unreadMax) break
  }
  return counted
}

/** Of the message, or of its newest edit up to `upTo`. */
function mentionsNow(
  log: StoredLog | undefined,
  message: Extract<Entry, { kind: 'message' }>,
  upTo: number,
): readonly UserId[] | undefined {
  const amendments = (log?.amendments.get(message.seq) ?? []).filter((seq) => seq <= upTo).map((seq) => log?.entries[seq - 1])
  const edit = amendments.findLast((entry) => entry?.kind === 'edit')
  return (edit?.kind === 'edit' ? edit : message).mentions
}

function isDeleted(log: StoredLog | undefined, target: number, upTo: number): boolean {
  return (log?.amendments.get(target) ?? []).some((seq) => seq <= upTo && log?.entries[seq - 1]?.kind === 'delete')
}

function blank(log: StoredLog | undefined, target: number): void {
  const message = log?.entries[target - 1]
  if (!log || message?.kind !== 'message') return
  log.entries[target - 1] = withoutText(message)
  for (const seq of log.amendments.get(target) ?? []) {
    const edit = log.entries[seq - 1]
    if (edit?.kind === 'edit') log.entries[seq - 1] = withoutText(edit)
  }
}
