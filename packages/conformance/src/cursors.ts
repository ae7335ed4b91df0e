import type { CursorMove, Cursors } from '@godwit/server/ports/cursors.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Open, openOnce } from './suite.ts'
import { newConversationId, newDeviceId, newUserId } from './talk.ts'

const zero = { delivered: 0, read: 0, shown: 0, at: 0 }
const step = fc.option(fc.nat(50), { nil: undefined })
const move = fc.record({ who: fc.nat(1), device: fc.option(fc.nat(2)), delivered: step, read: step, shown: step })

/** The contract of `Cursors`, for any backend. */
export function cursorsConformance(name: string, open: Open<Cursors>): void {
  describe(`Cursors: ${name}`, () => {
    const cursors = openOnce(open)

    test('[L8] a cursor never moves back, in whatever order and however often moves come', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(move, { maxLength: 12 }), fc.array(fc.nat(11), { maxLength: 12 }), async (moves, again) => {
          const [conversationId, users] = [newConversationId(), [newUserId(), newUserId()]]
          const devices = [newDeviceId(), newDeviceId(), newDeviceId()]
          const cursorMoves = moves.map(({ who, device, delivered, read, shown }, index): CursorMove => {
            const target = {
              conversationId,
              userId: users[who] ?? newUserId(),
              deviceId: device === null ? null : (devices[device] ?? null),
            }
            const steps = { ...(delivered && { delivered }), ...(read && { read }), ...(shown && { shown }) }
            return { ...target, ...steps, at: index + 1 }
          })
          await cursors().advance(cursorMoves)
          const told = await Promise.all(again.map((index) => cursors().advance(cursorMoves.slice(index, index + 1))))
          const answers = await cursors().of(users.map((userId) => ({ conversationId, userId })))
          for (const [index, cursor] of told.flatMap((one, i) => one.map((cursor) => [again[i] as number, cursor] as const)))
            expect(cursor).toEqual(answers[users.indexOf(cursorMoves[index]?.userId as (typeof users)[number])])
          for (const [who, answer] of answers.entries()) {
            const own = cursorMoves.filter(({ userId }) => userId === users[who])
            const furthest = (pick: (one: CursorMove) => number | undefined) => Math.max(0, ...own.map((one) => pick(one) ?? 0))
            expect(answer).toMatchObject({
              delivered: furthest(({ delivered }) => delivered),
              read: furthest(({ read }) => read),
              shown: furthest(({ shown }) => shown),
            })
          }
        }),
        { numRuns: 40 },
      )
    })

    test('[L7] `at` is when a cursor last changed; a move that changes nothing leaves it', async () => {
      const [key, deviceId] = [{ conversationId: newConversationId(), userId: newUserId() }, newDeviceId()]
      expect(await cursors().advance([{ ...key, deviceId, delivered: 7, at: 100 }])).toEqual([{ ...zero, delivered: 7, at: 100 }])
      await cursors().advance([{ ...key, deviceId: null, read: 5, shown: 5, at: 200 }])
      await cursors().advance([{ ...key, deviceId, delivered: 7, read: 4, at: 300 }])
      expect(await cursors().of([key])).toEqual([{ delivered: 7, read: 5, shown: 5, at: 200 }])
    })

    test('zeros where there is none, in the order asked', async () => {
      const [one, two] = [newConversationId(), newConversationId()]
      const [ana, bo] = [newUserId(), newUserId()]
      await cursors().advance([
        { conversationId: one, userId: ana, deviceId: null, read: 3, at: 10 },
        { conversationId: two, userId: bo, deviceId: newDeviceId(), delivered: 8, at: 20 },
      ])
      const asked = [
        { conversationId: two, userId: bo },
        { conversationId: two, userId: ana },
        { conversationId: one, userId: ana },
      ]
      expect(await cursors().of(asked)).toEqual([{ ...zero, delivered: 8, at: 20 }, zero, { ...zero, read: 3, at: 10 }])
      expect(await cursors().of([])).toEqual([])
      await cursors().advance([])
    })

    test('delivered is the furthest of a user’s devices; a conversation names every user who has a cursor', async () => {
      const [conversationId, ana, bo] = [newConversationId(), newUserId(), newUserId()]
      await cursors().advance([
        { conversationId, userId: ana, deviceId: newDeviceId(), delivered: 4, at: 1 },
        { conversationId, userId: ana, deviceId: newDeviceId(), delivered: 9, at: 2 },
        { conversationId, userId: ana, deviceId: newDeviceId(), delivered: 2, at: 3 },
        { conversationId, userId: bo, deviceId: null, read: 1, shown: 1, at: 4 },
      ])
      const all = [...(await cursors().ofConversation(conversationId))].sort((a, b) => b.delivered - a.delivered)
      expect(all).toEqual([
        { ...zero, userId: ana, delivered: 9, at: 2 },
        { ...zero, userId: bo, read: 1, shown: 1, at: 4 },
      ])
      expect(await cursors().ofConversation(newConversationId())).toEqual([])
    })
  })
}
