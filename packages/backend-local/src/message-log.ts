import type { MessageLog, UnreadCount } from '@godwit/server/ports/message-log.ts'
import { newRowsOf } from './entry-row.ts'
import type { Threads } from './threads.ts'

export function localMessageLog({ writer, reader }: Threads): MessageLog {
  return {
    append: (conversationId, expectedHead, entries) => writer.call('append', conversationId, expectedHead, newRowsOf(entries)),
    heads: (conversationIds) => reader.call('heads', conversationIds),
    read: (conversationId, range) => reader.call('read', conversationId, range),
    find: (conversationId, keys) => reader.call('find', conversationId, keys),
    membershipEntries: (conversationId, after, upTo) => reader.call('membershipEntries', conversationId, after, upTo),
    async unread(questions) {
      const counts: UnreadCount[] = []
      while (counts.length < questions.length) counts.push(...(await reader.call('unread', questions.slice(counts.length))))
      return counts
    },
    blank: (conversationId, target) => writer.call('blank', conversationId, target),
  }
}
