import type { EntryContent } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { AppendVerdict, Head, MessageLog, NewEntry } from '@godwit/server/ports/message-log.ts'
import { describe, expect, test } from 'vitest'
import { messageLogProperties } from './message-log-properties.ts'
import { type Open, openOnce } from './suite.ts'
import { ana, bo, chidi, entry, newConversationId, reply, say, texts } from './talk.ts'
import { unreadConformance } from './unread.ts'

/** The contract of `MessageLog`, for any backend. */
export function messageLogConformance(name: string, open: Open<MessageLog>): void {
  describe(`MessageLog: ${name}`, () => {
    const log = openOnce(open)
    appending(log)
    reading(log)
    blanking(log)
    unreadConformance(log)
    messageLogProperties(log)
  })
}

/** In as few appends as there is room for. */
export async function appendAll(log: MessageLog, conversationId: ConversationId, entries: readonly NewEntry[], from = 0): Promise<Head> {
  let last: Head | undefined
  for (let done = 0; done < entries.length; done = (last?.seq ?? 0) - from) {
    const verdict = await appendWhatFits(log, conversationId, from + done, entries.slice(done, done + limits.appendEntriesMax))
    if (verdict.verdict !== 'appended') throw new Error(`expected appended, got ${verdict.verdict}`)
    last = verdict.head
  }
  if (!last) throw new Error('nothing to append')
  return last
}

/** The whole batch, or as much of it as there is room for. */
async function appendWhatFits(
  log: MessageLog,
  conversationId: ConversationId,
  head: number,
  entries: readonly NewEntry[],
): Promise<AppendVerdict> {
  const verdict = await log.append(conversationId, head, entries)
  return verdict.verdict === 'no-room' ? log.append(conversationId, head, entries.slice(0, verdict.room)) : verdict
}

const whole = { from: 1, to: Number.MAX_SAFE_INTEGER, limit: 10_000, direction: 'up' } as const

function appending(log: () => MessageLog): void {
  test('[L2] entries stand at head+1..head+n, as they were appended', async () => {
    const id = newConversationId()
    const entries = texts.map((text) => say(text))
    const head = await appendAll(log(), id, entries)
    expect(head).toEqual({ seq: entries.length, count: entries.length, membershipSeq: 0, at: entries.at(-1)?.at })
    const read = await log().read(id, whole)
    expect(read.head).toEqual(head)
    expect(read.entries).toEqual(
      entries.map(({ content, bodyHash: _hash, ...header }, index) => ({
        ...header,
        ...content,
        conversationId: id,
        seq: index + 1,
        count: index + 1,
        membershipSeq: 0,
      })),
    )
  })

  test('[L8] count runs over messages alone, membershipSeq names the last membership entry', async () => {
    const id = newConversationId()
    const members = [{ userId: ana, role: 'owner' } as const]
    await appendAll(log(), id, [
      entry({ kind: 'created', conversation: 'group', name: 'Wadden ornithologists', members, history: 'joined' }),
      say('Moin!'),
      entry({ kind: 'added', members: [{ userId: bo, role: 'member' }] }),
      entry({ kind: 'reaction', target: 2, emoji: '👍🏾', on: true }),
      say('Welcome Bo'),
    ])
    const { entries } = await log().read(id, whole)
    expect(entries.map(({ count }) => count)).toEqual([0, 1, 1, 1, 2])
    expect(entries.map(({ membershipSeq }) => membershipSeq)).toEqual([1, 1, 3, 3, 3])
    expect(await log().heads([id])).toEqual([{ seq: 5, count: 2, membershipSeq: 3, at: entries.at(-1)?.at }])
  })

  test('[L2] of two appends at one head one wins, and the other changes nothing', async () => {
    const id = newConversationId()
    for (let head = 0; head < 20; head++) {
      const [left, right] = [say(`from Ana ${reply(head)}`), say(`from Bo ${reply(head)}`, { senderId: bo })]
      const verdicts = await Promise.all([log().append(id, head, [left]), log().append(id, head, [right])])
      expect(verdicts.map(({ verdict }) => verdict).sort()).toEqual(['appended', 'head-moved'])
      const winner = verdicts[0]?.verdict === 'appended' ? left : right
      const { entries } = await log().read(id, { ...whole, from: head + 1 })
      expect(entries.map(({ messageId }) => messageId)).toEqual([winner.messageId])
    }
  })

  test('[L2] an append at a head that is ahead, behind or not there is head-moved', async () => {
    const id = newConversationId()
    expect(await log().append(id, 1, [say('too early')])).toEqual({ verdict: 'head-moved' })
    await appendAll(log(), id, [say('first'), say('second')])
    for (const head of [0, 1, 3]) expect(await log().append(id, head, [say('misplaced')])).toEqual({ verdict: 'head-moved' })
    expect((await log().heads([id]))[0]?.seq).toBe(2)
  })

  test('[L2] a batch without room changes nothing, and as much of it as is told has room', async () => {
    const id = newConversationId()
    let waiting = Array.from({ length: limits.appendEntriesMax }, (_, index) => say(reply(index)))
    for (let head = 0; waiting.length > 0 && head < 5; ) {
      const verdict = await log().append(id, head, waiting)
      const room = verdict.verdict === 'no-room' ? verdict.room : waiting.length
      expect(room).toBeGreaterThan(0)
      if (verdict.verdict === 'no-room') {
        expect(room).toBeLessThan(waiting.length)
        expect((await log().heads([id]))[0]?.seq ?? 0).toBe(head)
        await appendAll(log(), id, waiting.slice(0, room), head)
      }
      head += room
      waiting = waiting.slice(room)
      expect((await log().heads([id]))[0]?.seq).toBe(head)
    }
  })

  test('[L3] a known id keeps the whole batch out and answers what is stored', async () => {
    const id = newConversationId()
    const first = say('I will be at the dyke at 6:00')
    await appendAll(log(), id, [first, say('Bring gloves 🧤')])
    const retry = { ...first, messageId: '7999999999999999999', at: first.at + 5_000 }
    const verdict = await appendWhatFits(log(), id, 2, [retry, say('a new one')])
    const { messageId, at, senderId, clientMsgId, bodyHash } = first
    expect(verdict).toEqual({ verdict: 'known', known: [{ seq: 1, messageId, at, senderId, clientMsgId, bodyHash }] })
    expect((await log().heads([id]))[0]?.seq).toBe(2)
  })

  test('[L3] one id in two conversations, or of two senders, is two ids', async () => {
    const clientMsgId = 'same-id-everywhere'
    const [one, two] = [newConversationId(), newConversationId()]
    await appendAll(log(), one, [say('here', { clientMsgId }), say('here too', { clientMsgId, senderId: bo })])
    await appendAll(log(), two, [say('and there', { clientMsgId })])
    expect((await log().heads([one, two])).map((head) => head?.seq)).toEqual([2, 1])
  })

  test('[L3] find answers in the order asked, null where nothing is stored', async () => {
    const id = newConversationId()
    const [first, second] = [say('ja'), say('nee', { senderId: bo })]
    await appendAll(log(), id, [first, second])
    const key = ({ senderId, clientMsgId }: NewEntry) => ({ senderId, clientMsgId })
    const found = await log().find(id, [key(second), { ...key(first), senderId: chidi }, key(first)])
    expect(found.map((stored) => stored && [stored.seq, stored.messageId, stored.bodyHash])).toEqual([
      [2, second.messageId, second.bodyHash],
      null,
      [1, first.messageId, first.bodyHash],
    ])
    expect(await log().find(newConversationId(), [key(first)])).toEqual([null])
  })

  test('a batch that no appender may build is refused whole', async () => {
    const id = newConversationId()
    const twice = say('twice')
    await expect(log().append(id, 0, [])).rejects.toThrow()
    await expect(log().append(id, 0, [twice, twice])).rejects.toThrow()
    const tooMany = Array.from({ length: limits.appendEntriesMax + 1 }, (_, index) => say(reply(index)))
    await expect(log().append(id, 0, tooMany)).rejects.toThrow()
    expect(await log().heads([id])).toEqual([null])
  })
}

function reading(log: () => MessageLog): void {
  test('[L2] pages from both ends, of any size, are the same log', async () => {
    const id = newConversationId()
    const length = 700
    await appendAll(
      log(),
      id,
      Array.from({ length }, (_, index) => say(`${index}: ${reply(index)}`)),
    )
    const seqs = async (from: number, to: number, limit: number, direction: 'up' | 'down') =>
      (await log().read(id, { from, to, limit, direction })).entries.map(({ seq }) => seq)
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
    expect(await seqs(1, length, 1_000, 'up')).toEqual(range(1, length))
    expect(await seqs(1, length, 200, 'up')).toEqual(range(1, 200))
    expect(await seqs(1, length, 200, 'down')).toEqual(range(501, 700))
    expect(await seqs(300, 320, 50, 'down')).toEqual(range(300, 320))
    expect(await seqs(690, 5_000, 50, 'up')).toEqual(range(690, 700))
    expect(await seqs(701, 800, 50, 'up')).toEqual([])
    expect(await seqs(-5, 2, 50, 'up')).toEqual([1, 2])
  })

  test('a page carries every amendment up to the head of what it holds, and no other', async () => {
    const id = newConversationId()
    await appendAll(log(), id, [
      say('godwits: 120'),
      say('curlews: 14'),
      entry({ kind: 'edit', target: 1, text: 'godwits: 1,200' }),
      say('dunlins: 3'),
      entry({ kind: 'reaction', target: 2, emoji: '🪶', on: true }, { senderId: bo }),
      entry({ kind: 'edit', target: 1, text: 'godwits: 1,204' }),
      entry({ kind: 'delete', target: 4 }),
    ])
    const page = await log().read(id, { from: 1, to: 2, limit: 50, direction: 'up' })
    expect(page.amendments.map(({ seq }) => seq)).toEqual([3, 5, 6])
    expect(page.head?.seq).toBe(7)
    const last = await log().read(id, { from: 1, to: 4, limit: 1, direction: 'down' })
    expect(last.entries.map(({ seq }) => seq)).toEqual([4])
    expect(last.amendments).toEqual([expect.objectContaining({ kind: 'delete', target: 4, seq: 7 })])
  })

  test('nothing was ever appended: no entries, no head', async () => {
    const id = newConversationId()
    expect(await log().read(id, whole)).toEqual({ entries: [], amendments: [], head: null })
    expect(await log().membershipEntries(id, 0, 10)).toEqual([])
    expect(await log().heads([id, id])).toEqual([null, null])
  })

  test('heads answers two thousand conversations in the order asked', async () => {
    const ids = Array.from({ length: 2_000 }, newConversationId)
    await Promise.all(ids.map((id, index) => (index % 10 === 0 ? appendAll(log(), id, [say(reply(index))]) : null)))
    const heads = await log().heads(ids)
    expect(heads.map((head) => head?.seq ?? null)).toEqual(ids.map((_, index) => (index % 10 === 0 ? 1 : null)))
  })

  test('[L6] membership entries of a stretch come alone and rising', async () => {
    const id = newConversationId()
    const members = [{ userId: ana, role: 'owner' } as const]
    await appendAll(log(), id, [
      entry({ kind: 'created', conversation: 'group', name: null, members, history: 'all' }),
      say('who else?'),
      entry({ kind: 'added', members: [{ userId: bo, role: 'member' }] }),
      entry({ kind: 'renamed', name: 'Vogelwacht 🐦' }),
      say('ha'),
      entry({ kind: 'removed', userId: bo }),
      entry({ kind: 'settings', history: 'joined' }),
      say('bye Bo'),
    ])
    const seqs = async (after: number, upTo: number) => (await log().membershipEntries(id, after, upTo)).map(({ seq }) => seq)
    expect(await seqs(0, 8)).toEqual([1, 3, 4, 6, 7])
    expect(await seqs(1, 6)).toEqual([3, 4, 6])
    expect(await seqs(4, 5)).toEqual([])
    expect(await seqs(0, 100)).toEqual([1, 3, 4, 6, 7])
  })

  test('a kind of content from a newer server survives whole', async () => {
    const id = newConversationId()
    const poll = { kind: 'poll', question: 'Which hide?', options: ['north', 'süd'], target: { nested: [1, null, true] } }
    await appendAll(log(), id, [entry(poll as object as EntryContent), say('north!')])
    const { entries, amendments } = await log().read(id, whole)
    expect(entries[0]).toMatchObject({ ...poll, seq: 1, count: 0, membershipSeq: 0 })
    expect(amendments).toEqual([])
  })

  test('an opaque body and every optional field survive', async () => {
    const id = newConversationId()
    const content = { kind: 'message', text: '', mentions: [bo], replyTo: 1, body: { type: 'application/mls', data: 'AAEC/w==' } } as const
    await appendAll(log(), id, [say('first'), entry(content)])
    expect((await log().read(id, { ...whole, from: 2 })).entries[0]).toMatchObject(content)
  })
}

function blanking(log: () => MessageLog): void {
  test('a blanked message and its edits have no text, and keep place, ids and target', async () => {
    const id = newConversationId()
    await appendAll(log(), id, [
      say('unrelated'),
      entry({ kind: 'message', text: 'secret', mentions: [bo], replyTo: 1, body: { type: 'text/plain', data: 'c2VjcmV0' } }),
      entry({ kind: 'edit', target: 2, text: 'still secret', mentions: [bo] }),
      entry({ kind: 'edit', target: 1, text: 'unrelated, edited' }),
      entry({ kind: 'delete', target: 2 }),
    ])
    const before = await log().read(id, whole)
    await log().blank(id, 2)
    await log().blank(id, 2)
    const after = await log().read(id, whole)
    expect(after.head).toEqual(before.head)
    const { mentions: _m, replyTo: _r, body: _b, ...message } = { mentions: null, replyTo: null, body: null, ...before.entries[1] }
    const { mentions: _e, ...edit } = { mentions: null, ...before.entries[2] }
    expect(after.entries).toEqual([
      before.entries[0],
      { ...message, text: '' },
      { ...edit, text: '' },
      before.entries[3],
      before.entries[4],
    ])
    expect(JSON.stringify(after)).not.toContain('secret')
  })

  test('blank of what is no message changes nothing', async () => {
    const id = newConversationId()
    await appendAll(log(), id, [say('one'), entry({ kind: 'edit', target: 1, text: 'uno' })])
    const before = await log().read(id, whole)
    await log().blank(id, 2)
    await log().blank(id, 99)
    await log().blank(newConversationId(), 1)
    expect(await log().read(id, whole)).toEqual(before)
  })
}
