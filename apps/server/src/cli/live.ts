/** A live session that comes back after every cut: hello, resume, heartbeat, token renewal. Frames are handed on one by one. */
import { closeCodes, closePolicy } from '@godwit/protocol/close-codes.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import { subprotocol } from '@godwit/protocol/version.ts'
import { WebSocket } from 'ws'
import type { Api } from './api.ts'
import { backOff, CliError } from './output.ts'

const renewBeforeMs = 60_000

/** Ends when `signal` is aborted; throws when the server says that coming back is of no use. */
export async function stayConnected(api: Api, take: (frame: DownFrame) => Promise<void>, signal: AbortSignal): Promise<void> {
  let mark: { epoch: string; mark: string } | null = null
  for (let attempt = 0; !signal.aborted; attempt++) {
    const { code, reason, isUseful } = await oneConnection()
    if (signal.aborted) return
    if (closePolicy(code) === 'stop') throw new CliError(nameOf(code), reason || `the server closed the connection (${code})`)
    if (closePolicy(code) === 'reauth') api.renew()
    if (isUseful) attempt = 0
    await backOff(attempt)
  }

  /** One connection, from hello to close. */
  async function oneConnection(): Promise<{ code: number; reason: string; isUseful: boolean }> {
    const token = await api.token()
    const socket = new WebSocket(`${api.server.replace(/^http/, 'ws')}/ws`, subprotocol, {
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
    })
    const say = (frame: UpFrame) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame))
    let heartbeat: NodeJS.Timeout | undefined
    let isUseful = false
    let heardAt = Date.now()
    let working: Promise<void> = Promise.resolve()
    let failure: unknown = null

    async function hear(frame: DownFrame): Promise<void> {
      if (signal.aborted) return
      if (frame.type === 'welcome') {
        let expiresAt = frame.tokenExpiresAt
        say({ type: 'resume', epoch: mark?.epoch ?? null, mark: mark?.mark ?? null })
        heartbeat = setInterval(() => {
          if (Date.now() - heardAt > frame.heartbeatMs * 1.5) return socket.terminate()
          say({ type: 'ping', mark: mark?.mark ?? null })
          if (expiresAt - Date.now() > renewBeforeMs + frame.heartbeatMs) return
          expiresAt = Number.POSITIVE_INFINITY
          api.token().then(
            (token) => say({ type: 'auth', token }),
            () => socket.close(),
          )
        }, frame.heartbeatMs)
      }
      await take(frame)
      // Only now: what came before the mark has been taken.
      if (frame.type === 'resumed' || frame.type === 'reset') [mark, isUseful] = [{ epoch: frame.epoch, mark: frame.mark }, true]
      if (frame.type === 'pong' && mark) mark = { epoch: mark.epoch, mark: frame.mark }
    }

    socket.on('open', () => say({ type: 'hello', token, client: 'godwit command' }))
    socket.on('message', (data) => {
      heardAt = Date.now()
      working = working
        .then(() => hear(JSON.parse(String(data))))
        .catch((error) => {
          failure ??= error
          socket.terminate()
        })
    })
    const abort = () => socket.close(1000)
    signal.addEventListener('abort', abort, { once: true })
    const closed = await new Promise<{ code: number; reason: string }>((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
      // Every error is followed by a close, which is what counts.
      socket.on('error', () => {})
    })
    signal.removeEventListener('abort', abort)
    clearInterval(heartbeat)
    await working
    if (failure && !signal.aborted) throw failure
    return { ...closed, isUseful }
  }
}

const nameOf = (code: number) => Object.entries(closeCodes).find(([, row]) => row.code === code)?.[0] ?? 'CLOSED'
