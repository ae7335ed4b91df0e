import { manualClock } from '@godwit/backend-memory/clock.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { Flusher, Outbox } from './outbox.ts'
import { FakeSocket } from './testing/fake-socket.ts'

function scene() {
  const clock = manualClock()
  const turns: (() => void)[] = []
  const socket = new FakeSocket()
  let overflows = 0
  const outbox = new Outbox(socket, new Flusher((run) => turns.push(run), clock), () => overflows++)
  return {
    clock,
    socket,
    outbox,
    turns,
    overflows: () => overflows,
    turn() {
      for (const run of turns.splice(0)) run()
    },
  }
}

const frame = (text: string) => Buffer.from(JSON.stringify(text))

test('all frames of one turn go out in one write, in order; nothing is scheduled when nothing waits', () => {
  const { outbox, socket, turns, turn } = scene()
  const frames = ['olá', 'tudo bem?', '👍'].map(frame)
  for (const each of frames) outbox.push([each])
  expect(turns).toHaveLength(1)
  expect(socket.writes).toEqual([])
  turn()
  expect(socket.writes).toEqual([frames])
  expect(turns).toEqual([])
  outbox.push([frame('e aí')])
  turn()
  expect(socket.writes).toHaveLength(2)
})

test('a list that two outboxes share stays as it is, whatever one of them gets behind it', () => {
  const [one, other] = [scene(), scene()]
  const shared = ['gol!', '⚽⚽'].map(frame)
  one.outbox.push(shared)
  for (const more of ['e aí', 'até já']) one.outbox.push([frame(more)])
  other.outbox.push(shared)
  one.turn()
  other.turn()
  expect(one.socket.writes).toEqual([['gol!', '⚽⚽', 'e aí', 'até já'].map(frame)])
  expect(other.socket.writes).toEqual([['gol!', '⚽⚽'].map(frame)])
})

test('[L9] every frame of a list counts, and all their bytes', () => {
  const full = scene()
  full.outbox.push(Array.from({ length: limits.outboxFramesMax - 1 }, () => frame('x')))
  expect(full.overflows()).toBe(0)
  full.outbox.push([frame('x'), frame('x')])
  expect(full.overflows()).toBe(1)

  const heavy = scene()
  const most = Buffer.alloc(limits.outboxBytesMax - 1, 32)
  heavy.outbox.push([most, Buffer.alloc(1, 32)])
  expect(heavy.overflows()).toBe(0)
  const heavier = scene()
  heavier.outbox.push([most, Buffer.alloc(2, 32)])
  expect(heavier.overflows()).toBe(1)
})

test('outboxes of many sockets are written in one scheduled turn', () => {
  const clock = manualClock()
  const turns: (() => void)[] = []
  const flusher = new Flusher((run) => turns.push(run), clock)
  const sockets = [new FakeSocket(), new FakeSocket(), new FakeSocket()]
  for (const socket of sockets) new Outbox(socket, flusher, () => {}).push([frame('an alle')])
  expect(turns).toHaveLength(1)
  turns[0]?.()
  expect(sockets.map(({ writes }) => writes.length)).toEqual([1, 1, 1])
})

test('[L9] one frame over the limit overflows once, and nothing is sent after that', () => {
  const { outbox, socket, turn, overflows } = scene()
  for (let i = 0; i < limits.outboxFramesMax; i++) outbox.push([frame('x')])
  expect(overflows()).toBe(0)
  outbox.push([frame('x')])
  outbox.push([frame('x')])
  turn()
  expect(overflows()).toBe(1)
  expect(socket.writes).toEqual([])
})

test('[L9] bytes that wait here and in the socket count together', () => {
  const { outbox, socket, turn, overflows } = scene()
  socket.stuckBytes = limits.outboxBytesMax - 100
  outbox.push([Buffer.alloc(100, 32)])
  turn()
  expect([socket.writes.length, overflows()]).toEqual([1, 0])
  outbox.push([Buffer.alloc(101, 32)])
  turn()
  expect([socket.writes.length, overflows()]).toEqual([1, 1])
})

test('[L10] what is lossy gives way when the outbox is more than half full; the rest does not', () => {
  const { outbox, socket, turn } = scene()
  outbox.pushLossy(frame('typing'))
  socket.stuckBytes = limits.outboxBytesMax / 2 + 1
  outbox.pushLossy(frame('typing'))
  outbox.push([frame('entry')])
  turn()
  expect(socket.frames).toEqual(['typing', 'entry'])
})

test('[R11] a frame in no hurry goes out with the next one, in order, and by itself when none comes', () => {
  const { clock, outbox, socket, turns, turn } = scene()
  outbox.pushLater(frame('delivered to Zoë'))
  outbox.pushLater(frame('read by Zoë'))
  expect(turns).toEqual([])
  outbox.push([frame('moin!')])
  turn()
  expect(socket.writes).toEqual([['delivered to Zoë', 'read by Zoë', 'moin!'].map(frame)])

  outbox.pushLater(frame('delivered to Amina'))
  clock.advance(limits.outboxLaterMs)
  expect(socket.writes[1]).toEqual([frame('delivered to Amina')])
  expect(turns).toEqual([])
})
