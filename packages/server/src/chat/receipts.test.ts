import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Sender } from './chat.ts'
import { steps } from './group-receipts.ts'
import { openRoom, type Room } from './testing/room.ts'

const advance = (room: Room, who: Sender, to: ConversationId, seq: number, status: 'delivered' | 'read' = 'read') =>
  room.done(room.chat.advance(who, to, seq, status).then(() => room.chat.cursor(who, to)))

async function twoInTalk() {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  for (const line of ['Bist du da?', 'Die Fähre fährt! ⛴️', '急いで！']) await room.say(ana, to, line)
  return { room, ana, bo, to }
}

describe('[L8] cursors', () => {
  test('only move forward, in any order, from any device', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.boolean(), fc.boolean()), { maxLength: 12 }), async (moves) => {
        const { room, bo, to } = await twoInTalk()
        const phone = { ...bo, deviceId: 'd_bo-phone' } as const
        await room.done(
          Promise.all(moves.map(([seq, reads, onPhone]) => room.chat.advance(onPhone ? phone : bo, to, seq, reads ? 'read' : 'delivered'))),
        )
        const [cursor] = await room.backend.cursors.of([{ conversationId: to, userId: bo.userId }])
        expect(cursor?.read).toBe(Math.max(0, ...moves.filter(([, reads]) => reads).map(([seq]) => seq)))
        expect(cursor?.delivered).toBe(Math.max(0, ...moves.map(([seq]) => seq)))
      }),
      { numRuns: 40 },
    )
  }, 30_000)

  test('one above the head is refused, also for who has left: their head is where they went', async () => {
    const { room, bo, to } = await twoInTalk()
    await expect(advance(room, bo, to, 5)).rejects.toMatchObject({ code: 'CURSOR_AHEAD' })
    const ana = await room.person('ana2')
    const group = await room.group(ana, [bo])
    await room.change(ana, group, { change: 'remove', userId: bo.userId }) // 2
    await room.say(ana, group, 'nun ohne Bo') // 3
    await expect(advance(room, bo, group, 3)).rejects.toMatchObject({ code: 'CURSOR_AHEAD', detail: 'the head is 2' })
    expect(await advance(room, bo, group, 2)).toEqual({ read: 2, head: 2, unread: 0, mentions: 0 })
    const dina = await room.person('dina')
    await expect(advance(room, dina, to, 1)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test.for(['delivered', 'read'] as const)('[T7] a stranger has none, not even at 0, and nobody hears of it: %s', async (status) => {
    const { room, to } = await twoInTalk()
    const dina = await room.person('dina')
    const told = room.pushed.toUsers.length
    await expect(room.done(room.chat.advance(dina, to, 0, status))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await room.backend.cursors.ofConversation(to)).toEqual([])
    await room.rest()
    expect(room.pushed.toUsers.slice(told)).toEqual([])
  })

  test('one that another node has room for is taken', async () => {
    const { room, ana, bo, to } = await twoInTalk()
    const { chat } = await room.openNode()
    await room.say(ana, to, 'noch eine') // 5, over the first node
    await room.say(bo, to, 'und eine', chat) // 6, over the other
    expect(await advance(room, ana, to, 6)).toMatchObject({ read: 6 })
  })

  test('reading on one device clears it on all, and is told to the peer', async () => {
    const { room, ana, bo, to } = await twoInTalk()
    await advance(room, bo, to, 3)
    await room.rest()
    expect(room.pushed.toUsers).toContainEqual({
      userId: bo.userId,
      frame: { type: 'read', conversationId: to, read: 3, head: 4, unread: 1, mentions: 0 },
    })
    const frame = { type: 'receipt', conversationId: to, userId: bo.userId, delivered: 3, read: 3 }
    expect(room.pushed.toUsers).toContainEqual({ userId: ana.userId, frame })
  })

  test('what is read is private where read receipts are off; what is delivered is not', async () => {
    const { room, ana, bo, to } = await twoInTalk()
    await room.backend.accounts.update(bo.userId, { readReceipts: false })
    const { chat, pushed } = await room.openNode()
    await room.done(chat.advance(bo, to, 4, 'read'))
    await room.rest()
    expect(pushed.toUsers).toContainEqual({
      userId: ana.userId,
      frame: { type: 'receipt', conversationId: to, userId: bo.userId, delivered: 4, read: 0 },
    })
    expect((await room.done(chat.conversation(ana, to))).conversation.peer).toEqual({ delivered: 4, read: 0 })
    expect((await room.done(chat.conversation(bo, to))).conversation).toMatchObject({ read: 4, unread: 0 })
  })

  test('moves that come together are one write', async () => {
    const { room, bo, to } = await twoInTalk()
    let writes = 0
    const { advance: write } = room.backend.cursors
    Object.assign(room.backend.cursors, {
      advance: (moves: Parameters<typeof write>[0]) => {
        writes++
        return write(moves)
      },
    })
    const chats = await room.openNode()
    await room.done(Promise.all([1, 2, 3, 4, 4, 2].map((seq) => chats.chat.advance(bo, to, seq, 'read'))))
    expect(writes).toBe(1)
  })
})

describe('[L10] receipts of a group', () => {
  test('who has read an entry: of those who may see it, without the asker', async () => {
    const room = await openRoom()
    const [ana, bo, chidi, dina] = [
      await room.person('ana'),
      await room.person('bo'),
      await room.person('chidi'),
      await room.person('dina'),
    ]
    const to = await room.group(ana, [bo, chidi])
    const { seq } = await room.say(ana, to, 'Treffpunkt Deich, 7 Uhr') // 2
    await room.change(ana, to, { change: 'add', members: [dina.userId] }) // 3
    await advance(room, bo, to, 2)
    await advance(room, chidi, to, 2, 'delivered')
    await advance(room, dina, to, 3)
    expect(await room.done(room.chat.receipts(ana, to, seq))).toEqual({
      seq,
      members: 2,
      delivered: [bo.userId, chidi.userId],
      read: [bo.userId],
    })
    await expect(room.done(room.chat.receipts(dina, to, seq))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('go to those who look, at most one for a conversation and second', async () => {
    const room = await openRoom()
    const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
    const to = await room.group(ana, [bo, chidi])
    await room.say(ana, to, 'Wer kommt? 🙋')
    await advance(room, bo, to, 2)
    await room.rest()
    expect(room.pushed.toWatching, 'nobody looks').toEqual([])
    room.pushed.watched.add(to)
    await room.done(Promise.all([room.chat.advance(chidi, to, 1, 'delivered'), room.chat.advance(bo, to, 2, 'read')]))
    await room.done(room.chat.advance(chidi, to, 2, 'delivered'))
    await room.rest()
    expect(room.pushed.toWatching).toEqual([{ type: 'receipts', conversationId: to, members: 3, delivered: [[2, 2]], read: [[2, 1]] }])
    expect(await room.done(room.chat.receiptsNow(ana, to))).toEqual(room.pushed.toWatching[0])
  })

  test('steps say for any seq how many are at or beyond it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (positions) => {
        const all = steps(positions)
        for (let seq = 1; seq <= 21; seq++)
          expect(all.findLast(([at]) => at >= seq)?.[1] ?? 0).toBe(positions.filter((position) => position >= seq).length)
      }),
    )
    expect(steps(Array.from({ length: 200 }, (_, i) => i + 1))).toHaveLength(limits.receiptStepsMax)
  })
})
