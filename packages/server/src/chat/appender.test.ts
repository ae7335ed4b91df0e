import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import type { Sender } from './chat.ts'
import { type hostileLog, peace } from './testing/hostile-log.ts'
import { openRoom, type Room, turnOfTheLoop } from './testing/room.ts'

const small = { seed: 7 }

/** One is on its way, so that what is sent now rides together in the next append. */
const busy = (room: Room, who: Sender, to: ConversationId, chat = room.chat) => room.say(who, to, 'kurz warten …', chat)

test('[L3] the same id again is the same ack, also from another node, and another body is ID_REUSED', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const frame = { type: 'message', to, clientMsgId: 'tide-1', text: 'Ebbe um 6:40 🌊' } as const
  const first = await room.done(room.chat.send(ana, frame))
  const other = await room.openNode()
  for (const chat of [room.chat, other.chat]) expect(await room.done(chat.send(ana, frame))).toEqual({ ...first, duplicate: true })
  for (const chat of [room.chat, other.chat])
    await expect(room.done(chat.send(ana, { ...frame, text: 'Flut um 6:40' }))).rejects.toMatchObject({ code: 'ID_REUSED' })
  expect((await room.done(room.chat.send(bo, frame))).seq, 'an id belongs to its sender').toBe(first.seq + 1)
})

test('[L3] two who have chosen the same id, and were removed since, are both acked again, also together and from another node', async () => {
  const room = await openRoom(small)
  const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
  const to = await room.group(chidi, [ana, bo])
  const first = { type: 'message', to, clientMsgId: '1', text: 'Wer macht das Boot klar? ⛵' } as const
  const sent = [await room.done(room.chat.send(ana, first)), await room.done(room.chat.send(bo, first))]
  for (const { userId } of [ana, bo]) await room.change(chidi, to, { change: 'remove', userId })
  const { chat } = await room.openNode()
  const [, ...again] = await room.done(
    Promise.allSettled([busy(room, chidi, to, chat), chat.send(ana, first), chat.send(bo, first), chat.send(chidi, first)]),
  )
  const acks = sent.map((ack) => ({ status: 'fulfilled', value: { ...ack, duplicate: true } }))
  expect(again).toEqual([...acks, expect.objectContaining({ status: 'fulfilled' })])
})

test('[L5] two who have chosen the same ids both go on behind their own, also together and on another node', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const first = { type: 'message', to, clientMsgId: '1', text: 'Ebbe?' } as const
  for (const who of [ana, bo]) await room.done(room.chat.send(who, first))
  const { chat } = await room.openNode()
  const second = { type: 'message', to, clientMsgId: '2', after: '1', text: 'Um sechs 🌊' } as const
  const outcomes = await room.done(Promise.allSettled([busy(room, ana, to, chat), chat.send(ana, second), chat.send(bo, second)]))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
})

test('[L3] a message that waits twice is stored once and acked twice', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const frame = { type: 'message', to, clientMsgId: 'twin', text: '双子 👯' } as const
  const [, one, two, other] = await room.done(
    Promise.allSettled([
      busy(room, bo, to),
      room.chat.send(ana, frame),
      room.chat.send(ana, frame),
      room.chat.send(ana, { ...frame, text: 'anders' }),
    ]),
  )
  expect(one).toMatchObject({ status: 'fulfilled', value: { seq: 3, duplicate: false } })
  expect(two).toMatchObject({ status: 'fulfilled', value: { seq: 3, duplicate: true } })
  expect(other).toMatchObject({ status: 'rejected', reason: { code: 'ID_REUSED' } })
  expect(room.log(to)).toHaveLength(3)
})

test('[L3] a reuse of an id that waits is refused only when the first one stands', async () => {
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      append: (id, head, entries) =>
        entries.some(({ clientMsgId }) => clientMsgId === 'twin') ? new Promise(() => {}) : inner.append(id, head, entries),
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const frame = { type: 'message', to, clientMsgId: 'twin', text: 'erste' } as const
  const [, ...twins] = await room.done(
    Promise.allSettled([busy(room, bo, to), room.chat.send(ana, frame), room.chat.send(ana, { ...frame, text: 'zweite' })]),
  )
  for (const outcome of twins) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'UNKNOWN_OUTCOME' } })
})

test('[L5] a command is stored only behind the one it names', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const line = (clientMsgId: string, after?: string) =>
    room.chat.send(ana, { type: 'message', to, clientMsgId, text: `Teil ${clientMsgId} 📜`, ...(after === undefined ? {} : { after }) })
  await expect(room.done(line('2', '1'))).rejects.toMatchObject({ code: 'RETRY_IN_ORDER' })
  const together = await room.done(Promise.all([line('1'), line('2', '1'), line('3', '2')]))
  expect(together.map(({ seq }) => seq)).toEqual([2, 3, 4])
  const elsewhere = await room.openNode()
  const frame = { type: 'message', to, clientMsgId: '4', text: 'Teil vier', after: '3' } as const
  expect((await room.done(elsewhere.chat.send(ana, frame))).seq, 'a node that has not seen 3 looks it up').toBe(5)
})

test('[L4] the retry of a stored message is acked after its sender was removed, by a node that knows neither', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.group(ana, [bo])
  const frame = { type: 'message', to, clientMsgId: 'last-words', text: 'Tschüß! 👋' } as const
  const ack = await room.done(room.chat.send(bo, frame))
  await room.change(ana, to, { change: 'remove', userId: bo.userId })
  const other = await room.openNode()
  for (const chat of [room.chat, other.chat]) {
    expect(await room.done(chat.send(bo, frame))).toEqual({ ...ack, duplicate: true })
    await expect(room.done(chat.send(bo, { ...frame, clientMsgId: 'more' }))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  }
})

test('[L3] what a command of the same batch makes wrong is looked up before it is refused', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const { seq: target } = await room.say(ana, to, 'Treffen um acht')
  const earlier = { type: 'message', to, clientMsgId: 'm', text: 'bis gleich' } as const
  const edit = { type: 'edit', to, clientMsgId: 'e', target, text: 'Treffen um neun' } as const
  await room.done(room.chat.send(ana, earlier))
  const ack = await room.done(room.chat.send(ana, edit))
  // On a node that knows neither: the deletion is held back by its predecessor at first, then takes the edit's target away.
  const { chat } = await room.openNode()
  const [, deleted, edited] = await room.done(
    Promise.all([
      busy(room, bo, to, chat),
      chat.send(ana, { type: 'delete', to, clientMsgId: 'd', target, after: 'm' }),
      chat.send(ana, edit),
    ]),
  )
  expect(deleted).toMatchObject({ duplicate: false })
  expect(edited).toEqual({ ...ack, duplicate: true })
})

test('[L9] reactions of one batch are counted together', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const { seq: target } = await room.say(ana, to, 'Knutts! 🐦')
  const emoji = Array.from({ length: limits.reactionsPerUserAndMessageMax + 3 }, (_, i) => String.fromCodePoint(0x1f980 + i))
  const outcomes = await room
    .done(
      Promise.allSettled(emoji.map((one) => room.chat.send(bo, { type: 'reaction', to, clientMsgId: one, target, emoji: one, on: true }))),
    )
    .catch(() => [])
  const refused = outcomes.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(3)
  expect(refused[0]).toMatchObject({ reason: { code: 'LIMIT_REACHED' } })
})

test('[L2] what was deleted is not edited by the next command of the same batch', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const { seq: target } = await room.say(ana, to, 'Geheim: der Schlüssel liegt unter der Matte')
  const [, ...outcomes] = await room.done(
    Promise.allSettled([
      busy(room, bo, to),
      room.chat.send(ana, { type: 'delete', to, clientMsgId: 'd', target }),
      room.chat.send(ana, { type: 'edit', to, clientMsgId: 'e', target, text: 'doch nicht' }),
    ]),
  )
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('[L9] at appendQueueMax a conversation takes no more: OVERLOADED, and nothing of it is stored', async () => {
  const hostility = peace()
  const room = await openRoom(small)
  const silent = (inner: Parameters<typeof hostileLog>[0]) => ({
    ...inner,
    heads: (ids: Parameters<typeof inner.heads>[0]) => (hostility.percent ? new Promise<never>(() => {}) : inner.heads(ids)),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const { chat } = await room.openNode({ log: silent })
  hostility.percent = 100
  const send = (n: number) => chat.send(ana, { type: 'message', to, clientMsgId: `rush-${n}`, text: `à la queue, n° ${n}` })
  // One batch is at work; the others wait.
  const first = send(0)
  const waiting = Array.from({ length: limits.appendQueueMax }, (_, n) => send(n + 1))
  await expect(send(9_999)).rejects.toMatchObject({ code: 'OVERLOADED' })
  await expect(room.done(first)).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  hostility.percent = 0
  await room.done(Promise.allSettled(waiting))
  expect(room.log(to).some((entry) => entry.clientMsgId === 'rush-9999')).toBe(false)
})

test('[L1] a change of members is projected though the sweep was faster, once and for all later ones', async () => {
  let sweepFirst = true
  const room = await openRoom({
    ...small,
    conversations: (inner) => ({
      ...inner,
      project: async (expected, state) => {
        if (sweepFirst && state.applied > 1) {
          sweepFirst = false
          await inner.project(expected, state)
        }
        return inner.project(expected, state)
      },
    }),
  })
  const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
  const to = await room.group(ana, [])
  for (const { userId } of [bo, chidi]) {
    const { seq } = await room.change(ana, to, { change: 'add', members: [userId] })
    expect((await room.backend.conversations.load(to))?.applied).toBe(seq)
  }
  expect(await room.backend.conversations.membershipsOf(chidi.userId)).toHaveLength(1)
})

test('[L9] a batch is bounded in bytes of UTF-8, whatever the script', async () => {
  const sizes: number[] = []
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      append: (id, head, entries) => {
        sizes.push(Buffer.byteLength(JSON.stringify(entries.map(({ content }) => content))))
        return inner.append(id, head, entries)
      },
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const text = '潮'.repeat(Math.floor(limits.textBytesMax / 3))
  await room.done(Promise.all(Array.from({ length: 200 }, () => room.say(ana, to, text))))
  expect(room.log(to)).toHaveLength(201)
  expect(Math.max(...sizes)).toBeLessThan(limits.appendBytesMax * 1.01)
  expect(sizes.length).toBeLessThan(10)
}, 30_000)

test('[L5] the ack of a deletion does not wait for the text to go, so it stays before later entries', async () => {
  const room = await openRoom({ ...small, log: (inner) => ({ ...inner, blank: () => Promise.reject(new Error('disk is slow')) }) })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const { seq: target } = await room.say(ana, to, 'Vertippt')
  expect(await room.amend(ana, to, { type: 'delete', target }), 'stored is acked').toMatchObject({ seq: 3 })
  await turnOfTheLoop()
  expect(room.errors).toHaveLength(1)
})

test('[L6] who is added and who is removed both get the entry; later ones only the members', async () => {
  const room = await openRoom(small)
  const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
  const to = await room.group(ana, [bo])
  await room.change(ana, to, { change: 'add', members: [chidi.userId] })
  await room.change(ana, to, { change: 'remove', userId: bo.userId })
  await room.say(ana, to, 'Willkommen, Chidi! 🎉')
  await room.rest()
  const recipients = room.pushed.announced.map(({ recipients }) => [...recipients].sort())
  expect(recipients).toEqual([
    ['u_ana', 'u_bo'],
    ['u_ana', 'u_bo', 'u_chidi'],
    ['u_ana', 'u_bo', 'u_chidi'],
    ['u_ana', 'u_chidi'],
  ])
  expect(room.pushed.announced.at(-1)?.exceptSessionId).toBe(ana.sessionId)
})

test('[L6] a delivery that throws takes no other with it', async () => {
  const room = await openRoom(small)
  const [ana, bo, zoe] = [await room.person('ana'), await room.person('bo'), await room.person('zoe')]
  const [broken, whole] = [await room.direct(ana, bo), await room.direct(ana, zoe)]
  await room.rest()
  const told: ConversationId[] = []
  room.pushed.entries = (run) => {
    for (const { entry } of run) {
      if (entry.conversationId === broken) throw new Error('encoder is broken')
      told.push(entry.conversationId)
    }
  }
  await room.done(Promise.all([room.say(ana, broken, 'eins'), room.say(ana, whole, 'zwei')]))
  await room.rest()
  expect(told).toEqual([whole])
  expect(room.errors).toHaveLength(1)
})

test('[L5] where a batch has no room it is appended in pieces, in the order of arrival', async () => {
  const sizes: number[] = []
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      async append(id, head, entries) {
        const left = 3 - (head % 3)
        if (entries.length > left) return { verdict: 'no-room', room: left }
        sizes.push(entries.length)
        return inner.append(id, head, entries)
      },
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const line = (n: number) => {
    const frame = { type: 'message', to, clientMsgId: `part-${n}`, text: `Teil ${n} 📜` } as const
    return room.chat.send(ana, n > 0 ? { ...frame, after: `part-${n - 1}` } : frame)
  }
  const sent = [busy(room, bo, to), ...[0, 1, 2, 3, 4, 5, 6].map(line)]
  await turnOfTheLoop()
  // Behind those that wait for the next piece.
  sent.push(line(7))
  const acks = await room.done(Promise.all(sent))
  expect(acks.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(acks.every(({ duplicate }) => !duplicate)).toBe(true)
  expect(Math.max(...sizes)).toBe(3)
  expect(sizes.every((size) => size > 0)).toBe(true)
})

test('[L4] what waits for the next piece shares no error with this one', async () => {
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      append: async (id, head, entries) => {
        if (entries.length > 2) return { verdict: 'no-room', room: 2 }
        return entries.some(({ clientMsgId }) => clientMsgId === 'lost') ? new Promise(() => {}) : inner.append(id, head, entries)
      },
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const line = (clientMsgId: string) => room.chat.send(ana, { type: 'message', to, clientMsgId, text: '潮汐表はありますか' })
  const outcomes = await room.done(Promise.allSettled([busy(room, bo, to), ...['lost', 'with it', 'next', 'last'].map(line)]))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled'])
  expect(room.log(to).map(({ clientMsgId }) => clientMsgId)).toEqual(expect.arrayContaining(['next', 'last']))
})
