import { manualClock } from '@godwit/backend-memory/clock.ts'
import { type PollAnswer, pollAnswer, pollOpened } from '@godwit/protocol/api.ts'
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { createSharedRates } from '@godwit/server/gateway/rate.ts'
import type { Socket } from '@godwit/server/ports/socket.ts'
import fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { strictJsonBodies } from './api-routes.ts'
import { errorHandler } from './http-errors.ts'
import { servePolls } from './poll-listener.ts'

let http: FastifyInstance
let sockets: Socket[]
let heard: string[]
let closed: number

beforeEach(() => {
  sockets = []
  heard = []
  closed = 0
  http = fastify()
  http.setErrorHandler(errorHandler(pino({ level: 'silent' })))
  strictJsonBodies(http)
  const gateway = {
    accept(socket: Socket) {
      sockets.push(socket)
      return {
        receive: (text: string) => {
          heard.push(text)
        },
        closed: () => {
          closed++
        },
      }
    },
  }
  const clock = manualClock()
  servePolls(http, { gateway, rates: createSharedRates(clock), clock, addressOf: () => '192.0.2.1' })
})

afterEach(() => http.close())

async function open(): Promise<string> {
  const answer = await http.inject({ method: 'POST', url: '/v1/poll', payload: {} })
  return pollOpened.parse(answer.json()).pollId
}

async function fetch(pollId: string, ack: number): Promise<PollAnswer> {
  const answer = await http.inject({ method: 'GET', url: `/v1/poll/${pollId}?ack=${ack}` })
  return pollAnswer.parse(answer.json())
}

test('ids of polls cannot be guessed', async () => {
  const ids = [await open(), await open()]
  expect(new Set(ids).size).toBe(2)
  for (const id of ids) expect(id).toMatch(/^[\w-]{32}$/)
})

test('frames go up by POST and come down by GET, again until acknowledged, and the close last', async () => {
  const pollId = await open()
  const post = () => http.inject({ method: 'POST', url: `/v1/poll/${pollId}`, payload: { n: 1, frames: ['{"type":"ping"}', 'ふたつ目'] } })
  expect([(await post()).statusCode, (await post()).statusCode]).toEqual([200, 200])
  expect(heard).toEqual(['{"type":"ping"}', 'ふたつ目'])

  sockets[0]?.send([Buffer.from('{"type":"pong","mark":"x","conversations":[]}')])
  const expected = [{ n: 1, frame: { type: 'pong', mark: 'x', conversations: [] } }]
  expect(await fetch(pollId, 0)).toEqual({ frames: expected, closed: null })
  expect(await fetch(pollId, 0)).toEqual({ frames: expected, closed: null })
  const waiting = fetch(pollId, 1)
  sockets[0]?.close(closeCodes.DRAINING.code, closeCodes.DRAINING.reason)
  expect(await waiting).toEqual({ frames: [], closed: closeCodes.DRAINING })
})

test('DELETE ends the session, and the id with it', async () => {
  const pollId = await open()
  expect((await http.inject({ method: 'DELETE', url: `/v1/poll/${pollId}` })).statusCode).toBe(200)
  expect(closed).toBe(1)
  expect((await http.inject({ method: 'GET', url: `/v1/poll/${pollId}?ack=0` })).json()).toMatchObject({ code: 'NOT_FOUND' })
})

test.for([
  ['no number', { frames: ['{}'] }],
  ['a fractional number', { n: 1.5, frames: ['{}'] }],
  ['a number of zero', { n: 0, frames: ['{}'] }],
  ['frames that are no strings', { n: 1, frames: [{ type: 'ping' }] }],
  ['no frames', { n: 1, frames: [] }],
  ['an extra key', { n: 1, frames: ['{}'], to: 'x' }],
  ['no object', ['{}']],
])('[T9] a POST with %s is refused, and nothing of it is taken', async ([, payload]) => {
  const pollId = await open()
  const answer = await http.inject({ method: 'POST', url: `/v1/poll/${pollId}`, payload: payload as object })
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_REQUEST'])
  expect(heard).toEqual([])
})

test.for(['', '?ack=-1', '?ack=1.5', '?ack=x', '?ack=7', '?ack=0&ack=1', '?ack=0&more=1'])(
  '[T9] a GET with %s is refused',
  async (query) => {
    const pollId = await open()
    sockets[0]?.close(4000, 'so that a GET that is taken would not wait')
    const answer = await http.inject({ method: 'GET', url: `/v1/poll/${pollId}${query}` })
    expect(answer.statusCode).toBe(400)
  },
)

test('[L5] a POST that leaves a number out is RETRY_IN_ORDER and names the next; sent again in order, all are taken once', async () => {
  const pollId = await open()
  const post = (n: number, ...frames: string[]) => http.inject({ method: 'POST', url: `/v1/poll/${pollId}`, payload: { n, frames } })
  const early = await post(2, 'zwei')
  expect([early.statusCode, early.json()]).toMatchObject([409, { code: 'RETRY_IN_ORDER', detail: 'the next frame is number 1' }])
  expect(heard).toEqual([])
  await post(1, 'eins')
  await post(1, 'eins', 'zwei')
  expect(heard).toEqual(['eins', 'zwei'])
})
