import type { Entry, EntryKind } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import { describe, expect, test } from 'vitest'
import { appendAll } from './message-log.ts'
import { type Open, openOnce } from './suite.ts'
import { entry, newConversationId, reply, say } from './talk.ts'

/** A stream tells of what its log holds. */
type StreamAndLog = Pick<Ports, 'eventStream' | 'messageLog'>

/** The contract of `EventStream`, for any backend. Order holds within a conversation, never across. */
export function eventStreamConformance(name: string, open: Open<StreamAndLog>): void {
  describe(`EventStream: ${name}`, () => {
    const backend = openOnce(open)

    let consumers = 0
    /** A consumer that has met everything that stands now. */
    async function newConsumer(passOver: readonly EntryKind[] = []): Promise<string> {
      const consumer = `search-${newConversationId()}-${consumers++}`
      for (;;) {
        const { entries, upTo } = await backend().eventStream.next(consumer, 500, passOver)
        if (entries.length === 0) return consumer
        await backend().eventStream.confirm(consumer, upTo)
      }
    }

    /** What `consumer` meets of `ids`, each entry where it comes first, since the stream is at least once. */
    async function collect(
      consumer: string,
      limit: number,
      ids: readonly ConversationId[],
      enough: number,
      passOver: readonly EntryKind[] = [],
    ) {
      const met = new Map<ConversationId, Entry[]>(ids.map((id) => [id, []]))
      for (let count = 0; count < enough; ) {
        const { entries, upTo } = await backend().eventStream.next(consumer, limit, passOver)
        expect(entries.length).toBeLessThanOrEqual(limit)
        for (const one of entries) {
          const before = met.get(one.conversationId)
          if (!before || before.some(({ seq }) => seq === one.seq)) continue
          before.push(one)
          count += 1
        }
        await backend().eventStream.confirm(consumer, upTo)
      }
      return met
    }

    test('[L1] every entry is met, each conversation in seq order, whatever the size of a batch', async () => {
      const consumers = [
        { limit: 1, consumer: await newConsumer() },
        { limit: 7, consumer: await newConsumer() },
        { limit: 500, consumer: await newConsumer() },
      ]
      const ids = [newConversationId(), newConversationId(), newConversationId()]
      await Promise.all(
        ids.map((id) =>
          appendAll(
            backend().messageLog,
            id,
            Array.from({ length: 30 }, (_, index) => say(reply(index))),
          ),
        ),
      )
      for (const { consumer, limit } of consumers) {
        const met = await collect(consumer, limit, ids, 90)
        for (const id of ids) {
          const { entries } = await backend().messageLog.read(id, { from: 1, to: 30, limit: 30, direction: 'up' })
          expect(met.get(id)).toEqual(entries)
        }
      }
    })

    test('[L1] a new consumer begins at the first entry', async () => {
      const id = newConversationId()
      await appendAll(backend().messageLog, id, [say('one'), say('two'), say('three')])
      expect((await collect(`push-${id}`, 50, [id], 3)).get(id)?.map(({ seq }) => seq)).toEqual([1, 2, 3])
    })

    test('[L1] what was confirmed is behind a consumer, and what was not comes again', async () => {
      const id = newConversationId()
      const consumer = await newConsumer()
      const { eventStream, messageLog } = backend()
      await appendAll(messageLog, id, [say('one'), say('two')])
      await collect(consumer, 10, [id], 2)
      await appendAll(messageLog, id, [say('three'), say('four')], 2)
      const three = [expect.objectContaining({ conversationId: id, text: 'three', seq: 3 })]
      expect((await eventStream.next(consumer, 1, [])).entries).toEqual(three)
      const again = await eventStream.next(consumer, 1, [])
      expect(again.entries).toEqual(three)
      await eventStream.confirm(consumer, again.upTo)
      expect((await collect(consumer, 10, [id], 1)).get(id)).toEqual([expect.objectContaining({ text: 'four', seq: 4 })])
    })

    test('[L1] consumers do not get in the way of each other', async () => {
      const [one, other] = [await newConsumer(), await newConsumer()]
      const id = newConversationId()
      await appendAll(backend().messageLog, id, [say('for both')])
      for (const consumer of [one, other]) expect((await collect(consumer, 10, [id], 1)).get(id)).toHaveLength(1)
    })

    test('who has met everything meets nothing', async () => {
      const consumer = await newConsumer()
      expect((await backend().eventStream.next(consumer, 10, [])).entries).toEqual([])
      expect((await backend().eventStream.next(consumer, 10, [])).entries).toEqual([])
    })

    test('[L1] of what a consumer passes over nothing is met, and everything else, each conversation in seq order, whatever the size of a batch', async () => {
      const passOver = ['message', 'reaction'] as const
      const seqs = Array.from({ length: 40 }, (_, nth) => nth + 1)
      const isMet = (seq: number) => seq % 7 === 0 || seq === 39
      const talk = () => seqs.map((seq) => (isMet(seq) ? entry({ kind: 'delete', target: seq - 1 }) : say(reply(seq))))
      const sizes = [1, 3, 500]
      const consumers = await Promise.all(sizes.map(async (limit) => ({ limit, consumer: await newConsumer(passOver) })))
      const ids = [newConversationId(), newConversationId(), newConversationId()]
      await Promise.all(ids.map((id) => appendAll(backend().messageLog, id, talk())))
      for (const { consumer, limit } of consumers) {
        const met = await collect(consumer, limit, ids, ids.length * seqs.filter(isMet).length, passOver)
        for (const id of ids) expect(met.get(id)?.map(({ seq }) => seq)).toEqual(seqs.filter(isMet))
        expect((await backend().eventStream.next(consumer, limit, passOver)).entries).toEqual([])
      }
    })

    test('[L1] what is passed over takes nothing with it that was not confirmed', async () => {
      const passOver = ['message'] as const
      const { eventStream, messageLog } = backend()
      const consumer = await newConsumer(passOver)
      const next = async () => {
        const { entries, upTo } = await eventStream.next(consumer, 100, passOver)
        return { seqs: entries.map(({ seq }) => seq), upTo }
      }
      const id = newConversationId()
      await appendAll(messageLog, id, [say('PIN 4711'), say('sorry')])
      expect((await next()).seqs).toEqual([])
      await appendAll(messageLog, id, [entry({ kind: 'delete', target: 1 }), say('gone 🙈')], 2)
      const unconfirmed = await next()
      expect(unconfirmed.seqs).toEqual([3])
      await appendAll(messageLog, id, [say('thanks'), entry({ kind: 'delete', target: 2 }), say('👍')], 4)
      expect((await next()).seqs).toEqual([3, 6])
      await eventStream.confirm(consumer, unconfirmed.upTo)
      const rest = await next()
      expect(rest.seqs).toEqual([6])
      await eventStream.confirm(consumer, rest.upTo)
      expect((await next()).seqs).toEqual([])
      await appendAll(messageLog, id, [say('see you')], 7)
      expect((await next()).seqs).toEqual([])
      await appendAll(messageLog, id, [entry({ kind: 'delete', target: 8 })], 8)
      expect((await next()).seqs).toEqual([9])
    })

    test('a blanked message is met without its text', async () => {
      const consumer = await newConsumer()
      const id = newConversationId()
      await appendAll(backend().messageLog, id, [say('secret'), entry({ kind: 'delete', target: 1 })])
      await backend().messageLog.blank(id, 1)
      const met = await collect(consumer, 10, [id], 2)
      expect(met.get(id)?.[0]).toMatchObject({ kind: 'message', text: '' })
    })
  })
}
