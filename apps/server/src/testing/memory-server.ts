/** The whole server on a free port, over memory: real sockets, no disk. */
import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import { pino } from 'pino'
import { loadConfig } from '../config.ts'
import { startServer } from '../start-server.ts'

/** The machine's clock; `skip` lets it jump, as if time had passed, and `stop` lets it stand. Timers keep their pace. */
export function skippingClock() {
  let skipped = 0
  let stoppedAt: number | null = null
  return {
    now: () => (stoppedAt ?? Date.now()) + skipped,
    setTimer(ms: number, run: () => void) {
      const timer = setTimeout(run, ms).unref()
      return { cancel: () => clearTimeout(timer) }
    },
    random: () => Math.random(),
    skip(ms: number) {
      skipped += ms
    },
    stop() {
      stoppedAt = Date.now()
    },
    go() {
      stoppedAt = null
    },
  }
}

export type MemoryServer = Awaited<ReturnType<typeof startMemoryServer>>

export async function startMemoryServer(env: Record<string, string> = {}) {
  const logged: string[] = []
  const log = pino({ level: 'trace' }, { write: (line) => void logged.push(line) })
  const clock = skippingClock()
  const ports = { ...openMemory(), clock }
  const wiring = { profile: 'local' as const, worker: 0, ...ports, async close() {} }
  const server = await startServer(loadConfig({ GODWIT_PORT: '0', ...env }), log, wiring)
  const url = (server.urls[0] as string).replace('localhost', '127.0.0.1')
  const call = caller(url)

  async function register(name: string): Promise<{ userId: string; accessToken: string; deviceId: string; refreshToken: string }> {
    const { json } = await call('POST', '/v1/users', { body: { name, password: 'correct horse battery' } })
    return json
  }
  return { url, call, register, logged, ports, clock, drain: server.drain }
}

export interface CallOptions {
  readonly token?: string | undefined
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export type Call = ReturnType<typeof caller>

/** One request to the server at `url`; a body is sent as JSON unless it is text or bytes. */
export function caller(url: string) {
  return async (method: string, path: string, { token, body, headers = {} }: CallOptions = {}) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array || body === undefined ? body : JSON.stringify(body)
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(raw !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(raw !== undefined && { body: raw as string }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null,
    }
  }
}
