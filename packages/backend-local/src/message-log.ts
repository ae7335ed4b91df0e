import type { MessageLog } from '@godwit/server/ports/message-log.ts'
import type { Threads } from './threads.ts'

export function localMessageLog({ writer, reader }: Threads): MessageLog {
  return {
    append: (conversationId, expectedHead, entries) => writer.call('append', conversationId, expectedHead, entries),
    heads: (conversationIds) => reader.call('heads', conversationIds),
    read: (conversationId, range) => reader.call('read', conversationId, range),
    find: (conversationId, keys) => reader.call('find', conversationId, keys),
    membershipEntries: (conversationId, after, upTo) => reader.call('membershipEntries', conversationId, after, upTo),
    unread: (questions) => reader.call('unread', questions),
    blank: (conversationId, target) => writer.call('blank', conversationId, target),
  }
}
