import { type Entry, type EntryContent, isAmendment } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { MessageLog, NewEntry, StoredId } from '@godwit/server/ports/message-log.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ana, bo, chidi, entry, newConversationId, texts } from './talk.ts'

const people = [ana, bo, chidi] as const
const person = fc.constantFrom(...people)
const text = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'grapheme', maxLength: 40 }))
const target = fc.integer({ min: 1, max: 12 })

const content: fc.Arbitrary<EntryContent> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('message' as const), text, mentions: fc.uniqueArray(person) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const), target, text }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), target }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reaction' as const), target, emoji: fc.constantFrom('👍', '❤️'), on: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removed' as const), userId: person }) },
)

/** Few client ids, so that retries happen; heads that are mostly, not always, right. */
const command = fc.record({
  batch: fc.uniqueArray(fc.record({ content, senderId: person, clientMsgId: fc.constantFrom(...'abcdefghijklmnopqrst') }), {
    minLength: 1,
    maxLength: 4,
    selector: ({ senderId, clientMsgId }) => senderId + clientMsgId,
  }),
  headOff: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) }),
})

/** The contract in its plainest form: an array. */
class Model {
  readonly entries: { readonly stored: NewEntry; readonly seq: number }[] = []

  append(expectedHead: number, batch: readonly NewEntry[]): string {
    if (expectedHead !== this.entries.length) return 'head-moved'
    if (batch.some((one) => this.find(one.senderId, one.clientMsgId))) return 'known'
    for (const stored of batch) this.entries.push({ stored, seq: this.entries.length + 1 })
    return 'appended'
  }

  find(senderId: UserId, clientMsgId: string): StoredId | null {
    const found = this.entries.find(({ stored }) => stored.senderId === senderId && stored.clientMsgId === clientMsgId)
    if (!found) return null
    const { messageId, at, bodyHash } = found.stored
    return { senderId, clientMsgId, seq: found.seq, messageId, at, bodyHash }
  }

  unread(userId: UserId, after: number, upTo: number) {
    const deleted = new Set(
      this.entries.flatMap(({ seq, stored: { content } }) => (content.kind === 'delete' && seq <= upTo ? [content.target] : [])),
    )
    const counted = this.entries.filter(
      ({ seq, stored }) =>
        seq > after && seq <= upTo && stored.content.kind === 'message' && stored.senderId !== userId && !deleted.has(seq),
    )
    const mentioned = counted.filter(({ seq, stored }) => {
      const edits = this.entries.filter((one) => one.seq <= upTo && one.stored.content.kind === 'edit' && one.stored.content.target === seq)
      const { content } = edits.at(-1)?.stored ?? stored
      return 'mentions' in content && content.mentions?.includes(userId)
    })
    return { unread: counted.length, mentions: mentioned.length }
  }

  seqs(from: number, to: number): number[] {
    return this.entries.map(({ seq }) => seq).filter((seq) => seq >= from && seq <= to)
  }

  amendmentsOf(targets: readonly number[]): number[] {
    return this.entries.filter(({ stored: { content } }) => isAmendment(content) && targets.includes(content.target)).map(({ seq }) => seq)
  }
}

/** Random histories against the model. */
export function messageLogProperties(log: () => MessageLog): void {
  test('[L2] [L3] [L8] any history: verdicts, find, pages, amendments and unread agree with the model', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 12 }), fc.integer({ min: 0, max: 20 }), fc.nat(8), async (commands, from, limit) => {
        const [id, model] = [newConversationId(), new Model()]
        for (const { batch, headOff } of commands) await sameVerdict(log(), id, model, model.entries.length + headOff, batch)
        await sameIds(log(), id, model)
        await samePages(log(), id, model, from, limit)
        await sameUnread(log(), id, model, from)
      }),
      { numRuns: 60 },
    )
  })

  test('[L2] [L3] appends that race in several conversations are applied once each, without gaps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), person), { minLength: 1, maxLength: 40 }), async (sends) => {
        const ids = [newConversationId(), newConversationId(), newConversationId()] as const
        const entries = sends.map(([room, senderId], index) => ({
          id: ids[room] ?? ids[0],
          one: entry({ kind: 'message', text: texts[index % texts.length] ?? '' }, { senderId }),
        }))
        await Promise.all(entries.map(({ id, one }) => appendUntilStored(log(), id, one)))
        for (const id of ids) {
          const { entries: stored } = await log().read(id, { from: 1, to: 100, limit: 100, direction: 'up' })
          const sent = entries.filter((sending) => sending.id === id).map(({ one }) => one.messageId)
          expect(stored.map(({ seq }) => seq)).toEqual(sent.map((_, index) => index + 1))
          expect(stored.map(({ messageId }) => messageId).sort()).toEqual(sent.sort())
        }
      }),
      { numRuns: 15 },
    )
  })
}

type Draft = Pick<NewEntry, 'content' | 'senderId' | 'clientMsgId'>

async function sameVerdict(log: MessageLog, id: ConversationId, model: Model, head: number, batch: readonly Draft[]): Promise<void> {
  const entries = batch.map(({ content, ...parts }, index) => entry(backwards(content, model.entries.length + index), parts))
  const verdict = await log.append(id, Math.max(head, 0), entries)
  if (verdict.verdict === 'no-room') return sameVerdict(log, id, model, head, batch.slice(0, verdict.room))
  expect(verdict.verdict).toBe(model.append(Math.max(head, 0), entries))
  if (verdict.verdict === 'appended') expect(verdict.head.seq).toBe(model.entries.length)
  if (verdict.verdict === 'known')
    expect(verdict.known).toEqual(entries.map((one) => model.find(one.senderId, one.clientMsgId)).filter((found) => found !== null))
}

/** An amendment of what comes later is none. */
function backwards(content: EntryContent, before: number): EntryContent {
  return isAmendment(content) ? { ...content, target: Math.min(content.target, Math.max(before, 1)) } : content
}

async function sameIds(log: MessageLog, id: ConversationId, model: Model): Promise<void> {
  const keys = people.flatMap((senderId) => [...'abcdefghijklmnopqrst'].map((clientMsgId) => ({ senderId, clientMsgId })))
  expect(await log.find(id, keys)).toEqual(keys.map((key) => model.find(key.senderId, key.clientMsgId)))
}

async function samePages(log: MessageLog, id: ConversationId, model: Model, from: number, limit: number): Promise<void> {
  const to = from + 12
  const seqsOf = (entries: readonly Entry[]) => entries.map(({ seq }) => seq)
  const expected = model.seqs(from, to)
  for (const direction of ['up', 'down'] as const) {
    const page = await log.read(id, { from, to, limit, direction })
    const seqs = direction === 'up' ? expected.slice(0, limit) : expected.slice(Math.max(expected.length - limit, 0))
    expect(seqsOf(page.entries)).toEqual(seqs)
    expect(seqsOf(page.amendments)).toEqual(model.amendmentsOf(seqs))
    expect(page.entries).toMatchObject(seqs.map((seq) => model.entries[seq - 1]?.stored.content))
  }
}

async function sameUnread(log: MessageLog, id: ConversationId, model: Model, after: number): Promise<void> {
  const questions = people.flatMap((userId) =>
    [after, after + 5, 1_000].map((upTo) => ({ conversationId: id, userId, after: Math.floor(after / 2), upTo })),
  )
  expect(await log.unread(questions)).toEqual(questions.map((asked) => model.unread(asked.userId, asked.after, asked.upTo)))
}

async function appendUntilStored(log: MessageLog, id: ConversationId, one: NewEntry): Promise<void> {
  for (;;) {
    const [head] = await log.heads([id])
    const { verdict } = await log.append(id, head?.seq ?? 0, [one])
    if (verdict !== 'head-moved') return expect(verdict).toBe('appended')
  }
}
