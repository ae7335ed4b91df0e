import { limits } from '@godwit/protocol/limits.ts'
import type { MessageLog, NewEntry } from '@godwit/server/ports/message-log.ts'
import { expect, test } from 'vitest'
import { appendAll } from './message-log.ts'
import { ana, bo, chidi, entry, newConversationId, reply, say } from './talk.ts'

/** L8: what counts as unread. */
export function unreadConformance(log: () => MessageLog): void {
  const ask = async (conversationId: ReturnType<typeof newConversationId>, userId = ana, after = 0, upTo = Number.MAX_SAFE_INTEGER) =>
    (await log().unread([{ conversationId, userId, after, upTo }]))[0]

  test('[L8] own messages, deleted ones, edits, reactions and membership never count', async () => {
    const id = newConversationId()
    const from = { senderId: bo }
    await appendAll(log(), id, [
      entry({ kind: 'added', members: [{ userId: chidi, role: 'member' }] }, from),
      say('counts', from),
      say('mine'),
      say('deleted', from),
      entry({ kind: 'edit', target: 2, text: 'counts once' }, from),
      entry({ kind: 'reaction', target: 3, emoji: '❤️', on: true }, from),
      entry({ kind: 'delete', target: 4 }, from),
    ])
    expect(await ask(id)).toEqual({ unread: 1, mentions: 0 })
    expect(await ask(id, bo)).toEqual({ unread: 1, mentions: 0 })
    expect(await ask(id, chidi)).toEqual({ unread: 2, mentions: 0 })
    expect(await ask(id, ana, 2)).toEqual({ unread: 0, mentions: 0 })
    expect(await ask(id, ana, 0, 1)).toEqual({ unread: 0, mentions: 0 })
  })

  test('[L8] counts are as of `upTo`: a deletion behind it has not happened yet, so a head and its counts are one snapshot', async () => {
    const id = newConversationId()
    await appendAll(log(), id, [say('one', { senderId: bo }), say('two', { senderId: bo }), entry({ kind: 'delete', target: 1 })])
    expect(await ask(id, ana, 0, 2)).toEqual({ unread: 2, mentions: 0 })
    expect(await ask(id, ana, 0, 3)).toEqual({ unread: 1, mentions: 0 })
    await log().blank(id, 1)
    expect(await ask(id, ana, 0, 2)).toEqual({ unread: 2, mentions: 0 })
    expect(await ask(id, ana, 0, 3)).toEqual({ unread: 1, mentions: 0 })
  })

  test('[L8] mentions count as the messages stand now, so that what the badge promises is there when one looks', async () => {
    const id = newConversationId()
    const to = (mentions: readonly (typeof ana)[], text = reply(mentions.length)) =>
      entry({ kind: 'message', text, mentions }, { senderId: bo })
    await appendAll(log(), id, [
      to([ana]),
      to([chidi]),
      to([chidi, ana]),
      to([], `not a mention of ${ana}`),
      to([ana]),
      entry({ kind: 'edit', target: 1, text: 'nobody now' }, { senderId: bo }),
      entry({ kind: 'edit', target: 2, text: 'Ana after all', mentions: [ana] }, { senderId: bo }),
      entry({ kind: 'delete', target: 5 }, { senderId: bo }),
    ])
    expect(await ask(id)).toEqual({ unread: 4, mentions: 2 })
    expect(await ask(id, ana, 1)).toEqual({ unread: 3, mentions: 2 })
    // Before the second edit and the deletion.
    expect(await ask(id, ana, 1, 6)).toEqual({ unread: 4, mentions: 2 })
  })

  test('[L8] counting ends at 999 and one more', async () => {
    const id = newConversationId()
    const many = Array.from({ length: limits.unreadMax + 201 }, (_, index) => say(reply(index), { senderId: bo }))
    await appendAll(log(), id, many)
    expect(await ask(id)).toEqual({ unread: limits.unreadMax + 1, mentions: 0 })
    expect(await ask(id, ana, 200)).toEqual({ unread: limits.unreadMax + 1, mentions: 0 })
    expect(await ask(id, ana, 201)).toEqual({ unread: limits.unreadMax, mentions: 0 })
  })

  test('[L8] a message that mentions somebody twice, and again in two edits, is one mention; of oneself it is none', async () => {
    const id = newConversationId()
    const wording = (kind: 'message' | 'edit', mentions: readonly (typeof ana)[]) =>
      kind === 'message'
        ? entry({ kind, text: 'Ana und Ana', mentions }, { senderId: bo })
        : entry({ kind, target: 1, text: 'Ana, Bo', mentions }, { senderId: bo })
    await appendAll(log(), id, [wording('message', [ana, ana]), wording('edit', [ana, bo]), wording('edit', [bo, ana])])
    expect(await ask(id)).toEqual({ unread: 1, mentions: 1 })
    expect(await ask(id, bo)).toEqual({ unread: 0, mentions: 0 })
  })

  test('[L8] asked again and again while the log grows, from ever other cursors, the counts follow', async () => {
    const id = newConversationId()
    const from = { senderId: bo }
    const mention = () => entry({ kind: 'message', text: '@Ana?', mentions: [ana] }, from)
    const grow = async (...entries: readonly NewEntry[]) => {
      const [head] = await log().heads([id])
      return (await appendAll(log(), id, entries, head?.seq ?? 0)).seq
    }
    const one = await grow(say('Kommst du?', from), mention(), say('já vou'))
    expect(await ask(id, ana, 2, one)).toEqual({ unread: 0, mentions: 0 })
    expect(await ask(id, ana, 0, one)).toEqual({ unread: 2, mentions: 1 })
    const two = await grow(
      entry({ kind: 'delete', target: 2 }, from),
      entry({ kind: 'edit', target: 1, text: '@Ana!', mentions: [ana] }, from),
    )
    expect(await ask(id, ana, 0, two)).toEqual({ unread: 1, mentions: 1 })
    // As of a head that others have gone beyond.
    expect(await ask(id, ana, 0, one)).toEqual({ unread: 2, mentions: 1 })
    const three = await grow(mention(), say('もう着いた', { senderId: chidi }))
    expect(await ask(id, ana, 1, three)).toEqual({ unread: 2, mentions: 1 })
    expect(await ask(id, bo, 0, three)).toEqual({ unread: 2, mentions: 0 })
    expect(await ask(id, chidi, 5, three)).toEqual({ unread: 1, mentions: 0 })
  })

  test('[L8] who has written more than is counted, and read nothing, still has the few of others counted', async () => {
    const id = newConversationId()
    const others = Array.from({ length: 3 }, (_, index) => say(reply(index), { senderId: bo }))
    const own = Array.from({ length: 3 * limits.unreadMax }, (_, index) => say(reply(index)))
    await appendAll(log(), id, [...others, ...own])
    expect(await ask(id)).toEqual({ unread: 3, mentions: 0 })
    expect(await ask(id, chidi)).toEqual({ unread: limits.unreadMax + 1, mentions: 0 })
  })

  test('[L8] [L9] the newest unreadEntriesMax entries are looked at: what lies deeper counts as read, also as of an earlier head', async () => {
    const id = newConversationId()
    const others = Array.from({ length: 3 }, (_, index) => say(reply(index), { senderId: bo }))
    const own = Array.from({ length: limits.unreadEntriesMax - 1 }, (_, index) => say(reply(index)))
    await appendAll(log(), id, [...others, ...own])
    expect(await ask(id)).toEqual({ unread: 1, mentions: 0 })
    expect(await ask(id, ana, 0, limits.unreadEntriesMax + 1)).toEqual({ unread: 2, mentions: 0 })
    expect(await ask(id, ana, 0, limits.unreadEntriesMax)).toEqual({ unread: 3, mentions: 0 })
    expect(await ask(id, chidi)).toEqual({ unread: limits.unreadMax + 1, mentions: 0 })
  }, 120_000)

  test('[L8] many questions are answered in the order asked', async () => {
    const [one, two, none] = [newConversationId(), newConversationId(), newConversationId()]
    await appendAll(log(), one, [say('a', { senderId: bo }), say('b', { senderId: bo })])
    await appendAll(log(), two, [say('c', { senderId: bo })])
    const question = (conversationId: typeof one, userId: typeof ana) => ({ conversationId, userId, after: 0, upTo: 9 })
    const answers = await log().unread([question(two, ana), question(none, ana), question(one, ana), question(one, bo)])
    expect(answers.map(({ unread }) => unread)).toEqual([1, 0, 2, 0])
    expect(await log().unread([])).toEqual([])
  })
}
