/** What is told of a command whose append was not answered, and what comes of it. */
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { type hostileLog, peace } from './testing/hostile-log.ts'
import { openRoom } from './testing/room.ts'

const small = { seed: 7 }

test('[L4] an append that was applied and never answered is announced when its retry is acked', async () => {
  let lose = false
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      append: async (...args) => {
        const verdict = await inner.append(...args)
        if (!lose) return verdict
        lose = false
        throw new Error('connection reset')
      },
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  await room.rest()
  lose = true
  const frame = { type: 'message', to, clientMsgId: 'lost', text: 'Bist du da? 📞' } as const
  await expect(room.done(room.chat.send(ana, frame))).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  await room.rest()
  expect(room.pushed.announced.map(({ entry }) => entry.seq)).toEqual([1])
  expect(await room.done(room.chat.send(ana, frame))).toMatchObject({ seq: 2, duplicate: true })
  await room.rest()
  expect(room.pushed.announced.at(-1)).toMatchObject({ entry: { seq: 2, text: frame.text }, recipients: new Set([ana.userId, bo.userId]) })
})

test('[L4] a store that answers nothing makes the outcome unknown, and the conversation goes on when it is back', async () => {
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
  await expect(room.say(ana, to, 'Hallo?', chat)).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  hostility.percent = 0
  expect(await room.say(ana, to, 'Hallo!', chat)).toMatchObject({ seq: 2 })
})

test('[L4] an append that does not answer in time is unknown; when it lands late, the retry finds it', async () => {
  let late = false
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      append: async (...args) => {
        if (!late) return inner.append(...args)
        late = false
        await new Promise<void>((resolve) => room.clock.setTimer(limits.appendTimeoutMs + 500, resolve))
        return inner.append(...args)
      },
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  late = true
  const frame = { type: 'message', to, clientMsgId: 'late', text: 'langsame Leitung 🐌' } as const
  await expect(room.done(room.chat.send(ana, frame))).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  await room.rest()
  expect(await room.done(room.chat.send(ana, frame))).toMatchObject({ seq: 2, duplicate: true })
  expect(room.log(to)).toHaveLength(2)
})

test('[L4] a block refuses no message whose append may still land', async () => {
  let land = async () => {}
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      append(id, head, entries) {
        if (!entries.some(({ clientMsgId }) => clientMsgId === 'late')) return inner.append(id, head, entries)
        land = async () => void (await inner.append(id, head, entries))
        return new Promise(() => {})
      },
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const frame = { type: 'message', to, clientMsgId: 'late', text: 'Melde dich bitte 🙏' } as const
  const send = () => room.done(room.chat.send(ana, frame))
  await expect(send()).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })

  await room.backend.accounts.setBlock(bo.userId, ana.userId, true)
  room.backend.bus.publish({ type: 'block-changed', userId: bo.userId, otherId: ana.userId })
  await expect(send()).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  const other = { ...frame, clientMsgId: 'other' }
  await expect(room.done(room.chat.send(ana, other))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await land()
  expect(await send()).toMatchObject({ seq: 2, duplicate: true })

  await expect(room.done(room.chat.send(ana, { ...frame, clientMsgId: 'third' }))).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('[L4] what has not landed when no append can be under way any more is refused for good', async () => {
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      append: (id, head, entries) =>
        entries.some(({ clientMsgId }) => clientMsgId === 'lost') ? new Promise(() => {}) : inner.append(id, head, entries),
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const send = () => room.done(room.chat.send(ana, { type: 'message', to, clientMsgId: 'lost', text: 'Hallo? 📵' }))
  await expect(send()).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  await room.backend.accounts.setBlock(bo.userId, ana.userId, true)
  room.clock.advance(limits.markSlackMs + 1_000)
  await expect(send()).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('[L4] after appendAttemptsMax heads that moved the outcome is unknown, and the retry is stored', async () => {
  let attempts = 0
  let isContended = false
  const room = await openRoom({
    ...small,
    log: (inner) => ({
      ...inner,
      append: async (...args) => {
        if (!isContended) return inner.append(...args)
        attempts++
        return { verdict: 'head-moved' }
      },
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const frame = { type: 'message', to, clientMsgId: 'jostled', text: 'alle auf einmal 🐑' } as const
  isContended = true
  await expect(room.done(room.chat.send(ana, frame))).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  expect(attempts).toBe(limits.appendAttemptsMax)
  isContended = false
  expect(await room.done(room.chat.send(ana, frame))).toMatchObject({ seq: 2, duplicate: false })
})

test('[L3] a retry whose entry cannot be read any more is refused, and keeps nobody else from writing', async () => {
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const frame = { type: 'message', to, clientMsgId: 'scratched', text: 'Foto vom Deich 🐑' } as const
  const { seq } = await room.done(room.chat.send(ana, frame))
  const { chat } = await room.openNode({
    log: (inner) => ({
      ...inner,
      read: async (id, range) => {
        if (range.from <= seq && seq <= range.to) throw new GodwitError('STORAGE_DAMAGED')
        return inner.read(id, range)
      },
    }),
  })
  for (let n = 0; n < 3; n++) await expect(room.done(chat.send(ana, frame))).rejects.toMatchObject({ code: 'STORAGE_DAMAGED' })
  expect(await room.say(bo, to, 'Kommt nicht an. Nochmal?', chat)).toMatchObject({ seq: seq + 1, duplicate: false })
  expect(await room.say(ana, to, 'Warte, ich schicke es neu.', chat)).toMatchObject({ seq: seq + 2 })
})

test('[L9] who repeats an id makes nobody load the conversation', async () => {
  let loads = 0
  const room = await openRoom(small)
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.group(ana, [bo])
  const { chat } = await room.openNode({
    log: (inner) => ({
      ...inner,
      heads: (ids) => {
        loads++
        return inner.heads(ids)
      },
    }),
  })
  const frame = { type: 'message', to, clientMsgId: 'again', text: 'Hört mich wer? 📣' } as const
  const sent = await room.done(chat.send(ana, frame))
  const before = loads
  for (let n = 0; n < 5; n++) {
    const [again, other] = [chat.send(ana, frame), room.say(bo, to, `Ja, zum ${n + 1}. Mal!`, chat)]
    expect(await room.done(again)).toMatchObject({ seq: sent.seq, duplicate: true })
    expect(await other).toMatchObject({ seq: sent.seq + 1 + n })
  }
  expect(loads).toBe(before)
})
