/** Frames over HTTP requests, where WebSockets are blocked: the same sessions behind `PollSocket`. */
import { randomBytes } from 'node:crypto'
import { parse } from '@godwit/protocol/codec.ts'
import { costs } from '@godwit/protocol/limits.ts'
import { createBudget } from '@godwit/server/accounts/budget.ts'
import type { Gateway } from '@godwit/server/gateway/gateway.ts'
import { pollRoutes } from '@godwit/server/gateway/poll-routes.ts'
import { PollSockets } from '@godwit/server/gateway/poll-sockets.ts'
import { connectionRow, type SharedRates } from '@godwit/server/gateway/rate.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type AddressOf, budgetKey } from './address.ts'

export interface PollListenerDeps {
  readonly gateway: Pick<Gateway, 'accept'>
  readonly rates: Pick<SharedRates, 'ofAddress'>
  readonly clock: Clock
  readonly addressOf: AddressOf
}

interface PollRoute {
  Params: { readonly pollId: string }
}

/** Throws `GodwitError` for every refusal; the error handler of `http` answers it. */
export function servePolls(http: FastifyInstance, { gateway, rates, clock, addressOf }: PollListenerDeps): void {
  const { open, fetch, send, end } = pollRoutes
  const polls = new PollSockets({ clock, gateway, newPollId: () => randomBytes(24).toString('base64url') })
  // Behind one address there may be many polls, and each is a connection.
  const ofPoll = createBudget(clock, connectionRow)
  const pollOf = (pollId: string, cost: number) => {
    const poll = polls.get(pollId)
    ofPoll.take(pollId, cost)
    return poll
  }

  http.post(open.path, async (request, reply) => {
    const address = budgetKey(addressOf(request.raw))
    rates.ofAddress.take(address, costs[open.cost])
    return json(reply, JSON.stringify({ pollId: polls.open(address) }))
  })
  http.get<PollRoute>(fetch.path, async (request, reply) => {
    const { ack } = parse(fetch.query, request.query)
    return json(reply, await pollOf(request.params.pollId, costs[fetch.cost]).fetch(ack))
  })
  http.post<PollRoute>(send.path, async (request, reply) => {
    const { n, frames } = parse(send.body, request.body)
    pollOf(request.params.pollId, costs[send.cost]).take(n, frames)
    return json(reply, '{}')
  })
  http.delete<PollRoute>(end.path, async (request, reply) => {
    pollOf(request.params.pollId, costs[end.cost]).end()
    return json(reply, '{}')
  })
}

function json(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}
