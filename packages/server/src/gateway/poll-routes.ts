/**
 * Routes of the long poll, where WebSockets are blocked. They move bytes between a request and a `PollSocket`, which no handler of
 * the table can do without taking the frames apart, so the listener of polls serves them itself.
 *
 * They ask for no token: who knows the id speaks for the session, and the session asks for `hello`.
 */
import * as api from '@godwit/protocol/api.ts'
import { z } from 'zod'
import type { RouteDescription } from './route.ts'

const one = z.strictObject({ pollId: z.string() })
const common = { tag: 'Polling', auth: 'none', params: one, query: undefined, body: undefined } as const

export const pollRoutes = {
  open: {
    ...common,
    method: 'POST',
    path: '/v1/poll',
    operation: 'openPoll',
    summary: 'Open a session of frames over requests. Its first frame is `hello`, as on a WebSocket.',
    cost: 'auth',
    params: undefined,
    answer: api.pollOpened,
  },
  fetch: {
    ...common,
    method: 'GET',
    path: '/v1/poll/:pollId',
    operation: 'fetchFrames',
    summary: 'Wait up to 30 s for frames. Those up to number `ack` are forgotten; the others come again until you name them.',
    cost: 'ack',
    query: api.pollQuery,
    answer: api.pollAnswer,
  },
  send: {
    ...common,
    method: 'POST',
    path: '/v1/poll/:pollId',
    operation: 'sendFrames',
    summary: 'Send frames, numbered from `n` on. A repeated request is not taken twice; a number left out is RETRY_IN_ORDER.',
    cost: 'ack',
    body: api.pollSend,
    answer: api.empty,
  },
  end: {
    ...common,
    method: 'DELETE',
    path: '/v1/poll/:pollId',
    operation: 'endPoll',
    summary: 'End the session.',
    cost: 'ack',
    answer: api.empty,
  },
} as const satisfies Record<string, RouteDescription>
