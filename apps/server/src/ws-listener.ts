/**
 * WebSocket connections to the gateway: the only file that knows `ws`. Whatever a peer sends or breaks ends here, at its own
 * connection (T10).
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorTable } from '@godwit/protocol/error-table.ts'
import type { ErrorCode } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { subprotocol } from '@godwit/protocol/version.ts'
import type { Gateway } from '@godwit/server/gateway/gateway.ts'
import type { Frame, Socket } from '@godwit/server/ports/socket.ts'
import { type WebSocket, WebSocketServer } from 'ws'
import { type AddressOf, budgetKey } from './address.ts'
import { httpAnswer, type RawStatus } from './http-errors.ts'
import type { OriginRule } from './origin.ts'
import { createFrameWriter, type WriteFrames } from './ws-write.ts'

export interface WsListenerDeps {
  readonly gateway: Pick<Gateway, 'accept'>
  readonly isAllowedOrigin: OriginRule
  readonly addressOf: AddressOf
}

const unsupportedData = { code: 1003, reason: 'frames are text, not binary' }

/** Takes the upgrades of `server` to `/ws`; refuses all others. */
export function attachWebSockets(server: Server, deps: WsListenerDeps): void {
  const options = {
    noServer: true,
    clientTracking: false,
    // Compression would cost memory for each connection, and lets secrets be guessed by length (T13).
    perMessageDeflate: false,
    maxPayload: limits.frameBytesMax,
    maxFragments: limits.frameFragmentsMax,
    maxBufferedChunks: limits.frameChunksMax,
    closeTimeout: limits.closeHandshakeMs,
    // Others than ours were refused before.
    handleProtocols: () => subprotocol,
  }
  const upgrades = new WebSocketServer(options)
  const writeFrames = createFrameWriter()
  upgrades.on('wsClientError', ({ message }, stream) => refuse(stream, { status: 400, code: 'BAD_REQUEST', detail: message }))
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', destroy)
    const refusal = refusalOf(request, deps.isAllowedOrigin)
    if (refusal) refuse(stream, refusal)
    else upgrades.handleUpgrade(request, stream, head, (ws) => connect({ ...deps, writeFrames }, request, stream, ws))
  })
}

/** Not a closure over the upgrade: that would keep its request, with all headers, for as long as the connection lives. */
function destroy(this: Duplex): void {
  this.destroy()
}

interface Refusal {
  readonly status: RawStatus
  readonly code: ErrorCode
  readonly detail?: string
}

/** The origin is judged before anything else is read or answered (T1). */
function refusalOf({ url = '', headers }: IncomingMessage, isAllowedOrigin: OriginRule): Refusal | null {
  if (!isAllowedOrigin(headers.origin)) return { status: 403, code: 'ORIGIN_REFUSED' }
  if (url.split('?', 1)[0] !== '/ws') return { status: 404, code: 'NOT_FOUND', detail: 'WebSockets are at /ws' }
  const offered = headers['sec-websocket-protocol']
  if (offered !== undefined && !offered.split(',').some((name) => name.trim() === subprotocol))
    return { status: 400, code: 'BAD_REQUEST', detail: `this server speaks the subprotocol ${subprotocol}` }
  return null
}

function refuse(stream: Duplex, { status, code, detail }: Refusal): void {
  const body = JSON.stringify({ code, message: errorTable[code].message, ...(detail && { detail }) })
  stream.end(httpAnswer(status, body), () => stream.destroy())
}

/** A class: an object of three closures takes three times the memory, for each connection. */
class WsSocket implements Socket {
  readonly #ws: WebSocket
  readonly #stream: Duplex
  readonly #writeFrames: WriteFrames

  constructor(ws: WebSocket, stream: Duplex, writeFrames: WriteFrames) {
    this.#ws = ws
    this.#stream = stream
    this.#writeFrames = writeFrames
  }

  send(frames: readonly Frame[]): void {
    // `ws` writes its own control frames whole and at once, so these never land inside one.
    if (this.#ws.readyState === this.#ws.OPEN) this.#writeFrames(this.#stream, frames)
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason)
  }

  bufferedBytes(): number {
    return this.#stream.writableLength
  }
}

/** Bad UTF-8, too large, reset: `ws` closes with the right code by itself, and `close` follows. */
function ignoreError(): void {}

function connect(
  { gateway, addressOf, writeFrames }: WsListenerDeps & { readonly writeFrames: WriteFrames },
  request: IncomingMessage,
  stream: Duplex,
  ws: WebSocket,
): void {
  ws.on('error', ignoreError)
  const connection = gateway.accept(new WsSocket(ws, stream, writeFrames), { address: budgetKey(addressOf(request)) })
  ws.on('message', (data: Buffer, isBinary) => {
    if (ws.readyState !== ws.OPEN) return
    if (!isBinary) return connection.receive(data.toString('utf8'))
    connection.closed()
    ws.close(unsupportedData.code, unsupportedData.reason)
  })
  ws.on('close', () => connection.closed())
}
