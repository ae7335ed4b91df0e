/** The edge where refusals become HTTP answers. Everything that is not a `GodwitError` is a bug: logged whole, told as INTERNAL. */
import type { ErrorBody } from '@godwit/protocol/api.ts'
import { errorTable, GodwitError } from '@godwit/protocol/errors.ts'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from './log.ts'

export function errorHandler(log: Log) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) => {
    const refusal = refusalOf(error)
    if (refusal.code === 'INTERNAL') log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed')
    else log.debug({ code: refusal.code, method: request.method, route: request.routeOptions.url }, 'request refused')
    return sendRefusal(reply, refusal)
  }
}

export function sendRefusal(reply: FastifyReply, refusal: GodwitError): FastifyReply {
  const row = errorTable[refusal.code]
  const body: ErrorBody = {
    code: refusal.code,
    message: row.message,
    ...(refusal.detail !== undefined && { detail: refusal.detail }),
    ...(refusal.retryAfterMs !== undefined && { retryAfterMs: refusal.retryAfterMs }),
  }
  if (refusal.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(refusal.retryAfterMs / 1000))
  if (row.http === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(row.http).type('application/json; charset=utf-8').send(JSON.stringify(body))
}

function refusalOf(error: FastifyError | Error): GodwitError {
  if (error instanceof GodwitError) return error
  const code = 'code' in error ? error.code : ''
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new GodwitError('TOO_LARGE', 'frameBytesMax')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new GodwitError('BAD_REQUEST', 'send content-type: application/json')
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new GodwitError('NOT_FOUND')
    default: {
      // Fastify and Node mark what the client did wrong with a status below 500.
      const status = 'statusCode' in error ? Number(error.statusCode) : 500
      if (status === 403 || status === 404) return new GodwitError('NOT_FOUND')
      return status >= 400 && status < 500 ? new GodwitError('BAD_REQUEST') : new GodwitError('INTERNAL')
    }
  }
}
