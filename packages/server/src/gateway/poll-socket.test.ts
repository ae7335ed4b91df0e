import { manualClock } from '@godwit/backend-memory/clock.ts'
import type { PollAnswer } from '@godwit/protocol/api.ts'
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { PollSocket } from './poll-socket.ts'
import { PollSockets } from './poll-sockets.ts'
import { runGateway, tokenOf } from './testing/running-gateway.ts'

function scene() {
  const clock = manualClock()
  const received: string[] = []
  const ended = { session: 0, socket: 0 }
  const socket = new PollSocket(clock, () => ended.socket++)
  socket.connect({ receive: (text) => received.push(text), closed: () => ended.session++ })
  const fetch = async (ack: number): Promise<PollAnswer> => JSON.parse(await socket.fetch(ack))
  return { clock, received, ended, socket, fetch }
}

const frame = (text: string) => Buffer.from(JSON.stringify({ text }))
const numbered = (...texts: [number, string][]) => ({ frames: texts.map(([n, text]) => ({ n, frame: { text } })), closed: null })

test('frames are given again until they are acknowledged, and never after', async () => {
  const { socket, fetch } = scene()
  socket.send([frame('один'), frame('два')])
  const both = numbered([1, 'один'], [2, 'два'])
  expect(await fetch(0)).toEqual(both)
  expect(await fetch(0)).toEqual(both)
  expect(await fetch(1)).toEqual(numbered([2, 'два']))
  socket.send([frame('три')])
  expect(await fetch(2)).toEqual(numbered([3, 'три']))
  expect(socket.bufferedBytes()).toBe(frame('три').length)
})

test('[L9] a closed socket is kept for a while, so that its client hears of it, and no longer, however often it is asked', async () => {
  const { socket, fetch, clock, ended } = scene()
  socket.send([frame('zu spät')])
  const { code, reason } = closeCodes.DEVICE_REVOKED
  socket.close(code, reason)
  for (let asked = 0; asked < 4; asked++) {
    expect(await fetch(0)).toEqual({ frames: [{ n: 1, frame: { text: 'zu spät' } }], closed: { code, reason } })
    clock.advance(limits.pollIdleMs / 4)
  }
  expect(ended.socket).toBe(1)
})

test('a GET waits until something comes, or until the time is over', async () => {
  const { socket, fetch, clock } = scene()
  const waiting = fetch(0)
  socket.send([frame('jetzt')])
  expect(await waiting).toEqual(numbered([1, 'jetzt']))
  const inVain = fetch(1)
  await Promise.resolve()
  clock.advance(limits.pollWaitMs)
  expect(await inVain).toEqual(numbered())
})

test('a second GET ends the first, and is woken itself', async () => {
  const { socket, fetch } = scene()
  const first = fetch(0)
  const second = fetch(0)
  expect(await first).toEqual(numbered())
  socket.send([frame('für den zweiten')])
  expect(await second).toEqual(numbered([1, 'für den zweiten']))
})

test('a repeated POST is not taken twice, one that overlaps is taken from where it is new, a gap is refused', () => {
  const { socket, received } = scene()
  socket.take(1, ['a', 'b'])
  socket.take(1, ['a', 'b'])
  socket.take(2, ['b', 'c'])
  expect(() => socket.take(5, ['e'])).toThrow(expect.objectContaining({ code: 'RETRY_IN_ORDER' }))
  socket.take(4, ['d'])
  expect(received).toEqual(['a', 'b', 'c', 'd'])
})

test('an acknowledgement of what was never sent is refused', async () => {
  await expect(scene().fetch(1)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('[L9] a client that acknowledges too little is closed, with all that it can still have', async () => {
  const { socket, fetch, ended } = scene()
  socket.send(Array.from({ length: limits.pollUnackedFramesMax + 1 }, (_, i) => frame(`${i}`)))
  expect(ended.session).toBe(1)
  const answer = await fetch(0)
  expect(answer.frames).toHaveLength(limits.pollUnackedFramesMax + 1)
  expect(answer.closed).toEqual(closeCodes.SLOW_CONSUMER)
})

test('[L9] an answer is bounded in bytes; the rest comes with the next, the close last of all', async () => {
  const { socket, fetch } = scene()
  const large = 'ö'.repeat(200 * 1024)
  socket.send(Array.from({ length: 5 }, () => frame(large)))
  socket.close(4000, 'going down')
  const first = await fetch(0)
  expect([first.frames.map(({ n }) => n), first.closed]).toEqual([[1, 2], null])
  await fetch(2)
  expect(await fetch(4)).toMatchObject({ frames: [{ n: 5 }], closed: { code: 4000 } })
})

test('no request for too long ends the session; a GET that waits is not idle', async () => {
  const { fetch, clock, ended } = scene()
  clock.advance(limits.pollIdleMs - 1_000)
  const waiting = fetch(0)
  await Promise.resolve()
  clock.advance(limits.pollWaitMs)
  await waiting
  clock.advance(limits.pollIdleMs - 1_000)
  expect(ended).toEqual({ session: 0, socket: 0 })
  clock.advance(1_000)
  expect(ended).toEqual({ session: 1, socket: 1 })
})

test('a poll speaks to the same sessions as a socket: hello, resume, message, ack, entry, close', async () => {
  const { gateway, clock, person, client, direct, settle, bus } = await runGateway()
  const [ana, ben] = [await person('ana'), await person('ben')]
  const conversationId = await direct(ana, ben)
  const anas = await client(ana)
  let opened = 0
  const polls = new PollSockets({ clock, gateway, newPollId: () => `poll-${++opened}` })
  const poll = polls.get(polls.open('192.0.2.9'))
  const frames = [
    { type: 'hello', token: tokenOf(ben) },
    { type: 'resume', epoch: null, mark: null },
    { type: 'message', to: conversationId, clientMsgId: 'b-1', text: 'durch den Proxy' },
  ]
  poll.take(
    1,
    frames.map((each) => JSON.stringify(each)),
  )
  await settle()
  anas.send({ type: 'message', to: conversationId, clientMsgId: 'a-1', text: 'angekommen 👌' })
  await settle()
  const answer: PollAnswer = JSON.parse(await poll.fetch(0))
  const types = answer.frames.map(({ frame: each }) => (each as { type: string }).type)
  expect(types.toSorted()).toEqual(['ack', 'entry', 'resumed', 'welcome'])
  expect(types[0]).toBe('welcome')
  expect(anas.all('entry')).toHaveLength(1)

  const waiting = poll.fetch(4)
  bus.publish({ type: 'device-revoked', deviceId: ben.deviceId })
  expect(JSON.parse(await waiting)).toEqual({ frames: [], closed: closeCodes.DEVICE_REVOKED })
  poll.end()
  expect(() => polls.get('poll-1')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
})
