import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { openRoom, type Room, turnOfTheLoop } from '../chat/testing/room.ts'
import type { EventStream } from '../ports/event-stream.ts'
import type { MessageLog } from '../ports/message-log.ts'
import { Sweep } from './sweep.ts'

const crash = () => Promise.reject(new Error('the process was killed'))

function sweepOf(room: Room, parts: Partial<Room['backend']['messageLog']> = {}) {
  const { backend } = room
  const errors: unknown[] = []
  const log = { ...backend.messageLog, ...parts }
  return { errors, sweep: new Sweep({ ...backend, log, events: backend.eventStream, onError: (error) => errors.push(error) }) }
}

async function oneInterval(room: Room) {
  room.clock.advance(limits.sweepIntervalMs)
  for (let turn = 0; turn < 5; turn++) await turnOfTheLoop()
}

test('[L1] what a crash between append and projection left is projected at the next start', async () => {
  const room = await openRoom({ conversations: (inner) => ({ ...inner, project: crash }) })
  const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
  const to = await room.group(ana, [bo])
  await room.change(ana, to, { change: 'remove', userId: bo.userId })
  await room.change(ana, to, { change: 'add', members: [chidi.userId] })
  expect(await room.backend.conversations.load(to)).toBeNull()
  const { sweep } = sweepOf(room)
  await sweep.start()
  expect(await room.backend.conversations.load(to)).toMatchObject({
    applied: 3,
    intervals: [{}, { userId: bo.userId, to: 2 }, { from: 3 }],
  })
  expect(await room.backend.conversations.membershipsOf(chidi.userId)).toHaveLength(1)
  await sweep.stop()
})

test('[L2] a text whose deletion was acked is gone after the next start', async () => {
  const room = await openRoom({ log: (inner) => ({ ...inner, blank: crash }) })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  await room.say(ana, to, 'PIN 4711')
  await room.amend(ana, to, { type: 'edit', target: 2, text: 'PIN 0815' })
  await room.amend(ana, to, { type: 'delete', target: 2 })
  expect(JSON.stringify(room.log(to))).toMatch(/4711/)
  const { sweep } = sweepOf(room)
  await sweep.start()
  expect(JSON.stringify(room.log(to))).not.toMatch(/4711|0815/)
  await sweep.stop()
})

test('[L1] the sweep goes on every interval from where it was, tries again what failed, and ends when told', async () => {
  const room = await openRoom({ log: (inner) => ({ ...inner, blank: crash }) })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  let fails = 1
  const blank = room.backend.messageLog.blank
  const { sweep, errors } = sweepOf(room, { blank: (...args) => (fails-- > 0 ? crash() : blank(...args)) })
  await sweep.start()
  await room.say(ana, to, 'PIN 4711')
  await room.amend(ana, to, { type: 'delete', target: 2 })
  const interval = () => oneInterval(room)
  await interval()
  expect(errors).toHaveLength(1)
  expect(JSON.stringify(room.log(to))).toMatch(/4711/)
  await interval()
  expect(JSON.stringify(room.log(to))).not.toMatch(/4711/)
  expect(room.disk.positions.get('sweep')).toBe('3')

  await sweep.stop()
  await room.say(ana, to, 'PIN 0815')
  await interval()
  expect(room.disk.positions.get('sweep')).toBe('3')
})

test('[L1] a conversation that cannot be made good stops neither the start nor, for long, the others', async () => {
  const room = await openRoom({ log: (inner) => ({ ...inner, blank: crash }) })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const [broken, sound] = [await room.direct(ana, bo), await room.group(ana, [bo])]
  for (const to of [broken, sound]) {
    await room.say(ana, to, 'PIN 4711')
    await room.amend(ana, to, { type: 'delete', target: 2 })
  }
  const { blank } = room.backend.messageLog
  const { sweep, errors } = sweepOf(room, { blank: (to, target) => (to === broken ? crash() : blank(to, target)) })
  await sweep.start()
  for (let round = 1; round < limits.sweepAttemptsMax; round++) await oneInterval(room)
  expect(errors).toHaveLength(limits.sweepAttemptsMax)
  expect(JSON.stringify(room.log(sound))).not.toMatch(/4711/)
  await sweep.stop()
})

test('[L1] a conversation whose membership changed often is projected once in a batch', async () => {
  const room = await openRoom({ conversations: (inner) => ({ ...inner, project: crash }) })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.group(ana, [bo])
  for (let n = 0; n < 5; n++) {
    await room.change(ana, to, { change: 'remove', userId: bo.userId })
    await room.change(ana, to, { change: 'add', members: [bo.userId] })
  }
  const { messageLog } = room.backend
  let loads = 0
  const { sweep } = sweepOf(room, {
    heads(ids) {
      loads++
      return messageLog.heads(ids)
    },
  })
  await sweep.start()
  expect(loads).toBe(1)
  expect(await room.backend.conversations.load(to)).toMatchObject({ applied: 11 })
  await sweep.stop()
})

test('[L1] talk alone is passed over without a confirmation, and a deletion behind it is confirmed when it is made good', async () => {
  const room = await openRoom({ log: (inner) => ({ ...inner, blank: crash }) })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const done: string[] = []
  const { eventStream, messageLog } = room.backend
  const events: EventStream = {
    next: (...args) => eventStream.next(...args),
    async confirm(consumer, upTo) {
      done.push('confirmed')
      await eventStream.confirm(consumer, upTo)
    },
  }
  const log: MessageLog = {
    ...messageLog,
    async blank(...args) {
      await messageLog.blank(...args)
      done.push('blanked')
    },
  }
  const sweep = new Sweep({ ...room.backend, log, events, onError: (error) => expect.fail(String(error)) })
  await sweep.start()
  done.length = 0
  for (const text of ['PIN 4711', 'Ebbe um 14:20', '明日の朝、干潟で 🐦']) await room.say(ana, to, text)
  await room.amend(ana, to, { type: 'edit', target: 3, text: 'Ebbe um 14:40' })
  await oneInterval(room)
  expect(done).toEqual([])
  expect(room.disk.positions.get('sweep')).toBe('5')
  await room.amend(ana, to, { type: 'delete', target: 2 })
  await room.say(ana, to, 'bis gleich')
  await oneInterval(room)
  expect(done).toEqual(['blanked', 'confirmed'])
  await sweep.stop()
})
