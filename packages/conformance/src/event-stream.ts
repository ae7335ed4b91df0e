import type { Entry } from '@godwit/protocol/entry.ts'
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

    /** Everything of `ids` behind `position`, without what was met before: the stream is at least once. */
    async function collect(position: string, limit: number, ids: readonly ConversationId[], enough: number) {
      const met = new Map<ConversationId, Entry[]>(ids.map((id) => [id, []]))
      let [at, count] = [position, 0]
      while (count < enough) {
        const batch = await backend().eventStream.read(at, limit)
        expect(batch.entries.length).toBeLessThanOrEqual(limit)
        for (const one of batch.entries) {
          const before = met.get(one.conversationId)
          if (!before || before.some(({ seq }) => seq === one.seq)) continue
          before.push(one)
          count += 1
        }
        at = batch.position
      }
      return { met, position: at }
    }

    /** A position behind everything that stands now. */
    async function end(): Promise<string> {
      let position = ''
      for (;;) {
        const batch = await backend().eventStream.read(position, 500)
        if (batch.entries.length === 0) return position
        position = batch.position
      }
    }

    test('[L1] every entry is met, each conversation in seq order, whatever the size of a batch', async () => {
      const start = await end()
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
      for (const limit of [1, 7, 500]) {
        const { met } = await collect(start, limit, ids, 90)
        for (const id of ids) {
          const { entries } = await backend().messageLog.read(id, { from: 1, to: 30, limit: 30, direction: 'up' })
          expect(met.get(id)).toEqual(entries)
        }
      }
    })

    test('[L1] a consumer goes on from the position it stored', async () => {
      const id = newConversationId()
      const consumer = `search-${id}`
      expect(await backend().eventStream.loadPosition(consumer)).toBe('')
      const start = await end()
      await appendAll(backend().messageLog, id, [say('one'), say('two')])
      const { position } = await collect(start, 1, [id], 2)
      await backend().eventStream.storePosition(consumer, position)
      await appendAll(backend().messageLog, id, [say('three')], 2)
      const stored = await backend().eventStream.loadPosition(consumer)
      const { met } = await collect(stored, 10, [id], 1)
      expect(met.get(id)).toEqual([expect.objectContaining({ text: 'three', seq: 3 })])
      await backend().eventStream.storePosition(consumer, start)
      expect(await backend().eventStream.loadPosition(consumer)).toBe(start)
    })

    test('an idle stream keeps its position', async () => {
      const position = await end()
      expect(await backend().eventStream.read(position, 10)).toEqual({ entries: [], position })
    })

    test('a blanked message is met without its text', async () => {
      const start = await end()
      const id = newConversationId()
      await appendAll(backend().messageLog, id, [say('secret'), entry({ kind: 'delete', target: 1 })])
      await backend().messageLog.blank(id, 1)
      const { met } = await collect(start, 10, [id], 2)
      expect(met.get(id)?.[0]).toMatchObject({ kind: 'message', text: '' })
    })
  })
}
