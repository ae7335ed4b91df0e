/** The edge where refusals become HTTP answers. Everything that is not a `GodwitError` is a bug: logged whole, told as INTERNAL. */
import type { Socket } from 'node:net'
import type { ErrorBody } from '@godwit/protocol/api.ts'
import { errorTable } from '@godwit/protocol/error-table.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from './log.ts'

export function errorHandler(log: Log) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) => {
    const refusal = refusalOf(error)
    if (refusal.code === 'INTERNAL' || refusal.code === 'STORAGE_DAMAGED')
      log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed')
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

/** Answers what Node could not read as a request, so that there is one shape of errors; then hangs up. */
export function answerUnreadable({ code }: ConnectionError, socket: Socket): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const error = status === 431 ? 'TOO_LARGE' : 'BAD_REQUEST'
  const body: ErrorBody = { code: error, message: errorTable[error].message, detail: unreadableDetails[status] }
  socket.end(httpAnswer(status, JSON.stringify(body)), () => socket.destroy())
}

const unreadableDetails = {
  400: 'not an HTTP request',
  408: 'the request took too long',
  431: 'headersBytesMax, headersCountMax',
} as const

const reasonPhrases = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
} as const

export type RawStatus = keyof typeof reasonPhrases

/** A whole answer, for a socket that has no `reply`; the connection ends with it. */
export function httpAnswer(status: RawStatus, json: string): string {
  return (
    `HTTP/1.1 ${status} ${reasonPhrases[status]}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`
  )
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
    // Hung up while a file was being read for it: nobody is there to read the answer.
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return new GodwitError('BAD_REQUEST')
    default: {
      // Fastify and Node mark what the client did wrong with a status below 500.
      const status = 'statusCode' in error ? Number(error.statusCode) : 500
      if (status === 403 || status === 404) return new GodwitError('NOT_FOUND')
      return status >= 400 && status < 500 ? new GodwitError('BAD_REQUEST') : new GodwitError('INTERNAL')
    }
  }
}
