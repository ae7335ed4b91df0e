/** Frames over HTTP requests, where WebSockets are blocked: the same sessions behind `PollSocket`. */
import { randomBytes } from 'node:crypto'
import { pollQuery, pollSend } from '@godwit/protocol/api.ts'
import { parse } from '@godwit/protocol/codec.ts'
import { costs, limits } from '@godwit/protocol/limits.ts'
import { createBudget } from '@godwit/server/accounts/budget.ts'
import type { Gateway } from '@godwit/server/gateway/gateway.ts'
import { PollSockets } from '@godwit/server/gateway/poll-sockets.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type AddressOf, budgetKey } from './address.ts'

export interface PollListenerDeps {
  readonly gateway: Pick<Gateway, 'accept'>
  readonly clock: Clock
  readonly addressOf: AddressOf
}

interface PollRoute {
  Params: { readonly pollId: string }
}

/** Throws `GodwitError` for every refusal; the error handler of `http` answers it. */
export function servePolls(http: FastifyInstance, { gateway, clock, addressOf }: PollListenerDeps): void {
  const polls = new PollSockets({ clock, gateway, newPollId: () => randomBytes(24).toString('base64url') })
  const rate = createBudget(clock, { limit: 'rateConnectionPerS', burst: limits.rateConnectionBurst, perS: limits.rateConnectionPerS })
  const pollOf = (pollId: string) => {
    const poll = polls.get(pollId)
    rate.take(pollId, costs.ack)
    return poll
  }

  http.post('/v1/poll', async (request, reply) => {
    const address = budgetKey(addressOf(request.raw))
    rate.take(address, costs.auth)
    return json(reply, JSON.stringify({ pollId: polls.open(address) }))
  })
  http.get<PollRoute>('/v1/poll/:pollId', async (request, reply) => {
    const { ack } = parse(pollQuery, request.query)
    return json(reply, await pollOf(request.params.pollId).fetch(ack))
  })
  http.post<PollRoute>('/v1/poll/:pollId', async (request, reply) => {
    const { n, frames } = parse(pollSend, request.body)
    pollOf(request.params.pollId).take(n, frames)
    return json(reply, '{}')
  })
  http.delete<PollRoute>('/v1/poll/:pollId', async (request, reply) => {
    pollOf(request.params.pollId).end()
    return json(reply, '{}')
  })
}

function json(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}
