/** The way between a client and the simulated server: a WebSocket class and a `fetch`, with delays, cuts and blocked upgrades. */
import type { PollAnswer } from '@godwit/protocol/api.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import { errorTable } from '@godwit/protocol/error-table.ts'
import type { ErrorCode } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import type { SimClock } from './sim-clock.ts'
import type { SimServer, SimSession } from './sim-server.ts'

export class SimNet {
  readonly clock: SimClock
  readonly server: SimServer
  /** Nothing gets through. */
  down = false
  upgradeBlocked = false
  /** Chance that a request, or its answer, is lost. */
  loseRequests = 0
  /** Bearer tokens that are no longer good. */
  readonly expired = new Set<string>()
  readonly #links = new Set<() => void>()
  readonly #polls = new Map<string, Poll>()
  requests: string[] = []

  constructor(clock: SimClock, server: SimServer) {
    this.clock = clock
    this.server = server
  }

  /** Every connection breaks. */
  cut(): void {
    for (const cut of [...this.#links]) cut()
    for (const poll of this.#polls.values()) poll.end()
    this.#polls.clear()
  }

  latency = () => 1 + this.clock.random() * 40

  /** A link with both directions in order, and a cut that loses what is under way. */
  link(token: string | null, down: (text: string) => void, closed: (code: number) => void) {
    const { clock, server } = this
    let session: SimSession | null = null
    let open = true
    let upFree = 0
    let downFree = 0
    const later = (free: number, run: () => void) => {
      const at = Math.max(free, clock.now() + this.latency())
      clock.setTimer(at - clock.now(), () => open && run())
      return at
    }
    const end = (code: number) => {
      if (!open) return
      open = false
      this.#links.delete(cut)
      if (session) {
        session.live = false
        server.sessions.delete(session)
      }
      if (code > 0) closed(code)
    }
    const cut = () => end(1006)
    this.#links.add(cut)
    const send = (frame: DownFrame) => {
      const text = JSON.stringify(frame)
      downFree = later(downFree, () => down(text))
    }
    return {
      up: (text: string) => {
        upFree = later(upFree, () => {
          const frame = JSON.parse(text) as UpFrame
          if (frame.type !== 'hello') {
            if (session) server.receive(session, frame)
            return
          }
          if (this.expired.has(frame.token)) end(4100)
          else session = server.open(userOf(token ?? frame.token), send, (code) => end(code))
        })
      },
      close: () => end(0),
    }
  }

  /** For `ClientOptions.WebSocket`. */
  get WebSocket(): typeof WebSocket {
    const net = this
    class SimSocket {
      readyState = 0
      onopen: (() => void) | null = null
      onmessage: ((event: { data: string }) => void) | null = null
      onclose: ((event: { code: number; reason: string }) => void) | null = null
      onerror: (() => void) | null = null
      #link: ReturnType<SimNet['link']> | null = null

      constructor() {
        net.clock.setTimer(net.latency(), () => {
          if (this.readyState !== 0) return
          if (net.down || net.upgradeBlocked) return this.#closed(1006)
          this.readyState = 1
          this.#link = net.link(
            null,
            (data) => this.onmessage?.({ data }),
            (code) => this.#closed(code),
          )
          this.onopen?.()
        })
      }

      send(text: string) {
        this.#link?.up(text)
      }

      close() {
        this.readyState = 3
        this.#link?.close()
      }

      #closed(code: number) {
        this.readyState = 3
        this.onclose?.({ code, reason: '' })
      }
    }
    return SimSocket as unknown as typeof WebSocket
  }

  /** For `ClientOptions.fetch`. */
  fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(String(input))
    const method = init?.method ?? 'GET'
    this.requests.push(`${method} ${url.pathname}`)
    await this.clock.sleep(this.latency())
    if (this.down || this.clock.chance(this.loseRequests)) throw new TypeError('fetch failed')
    const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? null
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {}
    const answer = await this.#answer(method, url, token, body)
    await this.clock.sleep(this.latency())
    if (this.down || this.clock.chance(this.loseRequests)) throw new TypeError('fetch failed')
    if (init?.signal?.aborted) throw new DOMException('aborted', 'AbortError')
    return answer
  }

  async #answer(method: string, url: URL, token: string | null, body: Record<string, unknown>): Promise<Response> {
    const { server } = this
    if (url.pathname === '/v1/tokens/refresh') return json(renewed(String(body.refreshToken), this.clock.now()))
    if (token === null || this.expired.has(token)) return failure('TOKEN_EXPIRED')
    const userId = userOf(token)
    const [, , area, id, part] = url.pathname.split('/')
    if (area === 'poll') return this.#poll(method, id, url, token, body)
    const number = (key: string) => (url.searchParams.has(key) ? Number(url.searchParams.get(key)) : undefined)
    if (area === 'users') return json({ users: server.profiles((url.searchParams.get('ids') ?? '').split(',') as UserId[]) })
    if (area !== 'conversations') return failure('NOT_FOUND')
    if (id === undefined) {
      const from = number('cursor') ?? 0
      const all = server.summaries(userId)
      const to = from + Math.min(2, number('limit') ?? 100)
      return json({ conversations: all.slice(from, to), users: [], cursor: to < all.length ? String(to) : null })
    }
    const conversation = server.conversations.get(id as ConversationId)
    if (!conversation?.intervals.has(userId)) return failure('FORBIDDEN')
    if (part === undefined) return json({ conversation: server.summary(conversation.id, userId), users: [] })
    if (part === 'flags') {
      const { flags } = server.summary(conversation.id, userId)
      return json({ conversation: server.setFlags(userId, conversation.id, { ...flags, ...body }), users: [] })
    }
    const [after, before, around, limit = 50] = ['after', 'before', 'around', 'limit'].map(number)
    const query = {
      limit,
      ...(after === undefined ? {} : { after }),
      ...(before === undefined ? {} : { before }),
      ...(around === undefined ? {} : { around }),
    }
    return json(server.page(conversation.id, userId, query))
  }

  async #poll(method: string, id: string | undefined, url: URL, token: string, body: Record<string, unknown>): Promise<Response> {
    if (id === undefined) {
      const poll = new Poll(this, token)
      this.#polls.set(poll.id, poll)
      return json({ pollId: poll.id })
    }
    const poll = this.#polls.get(id)
    if (!poll) return json({ frames: [], closed: { code: 1006, reason: 'no such session' } } satisfies PollAnswer)
    if (method === 'GET') return json(await poll.wait(Number(url.searchParams.get('ack'))))
    poll.take(Number(body.n), body.frames as string[])
    return json({})
  }
}

class Poll {
  readonly id: string
  readonly #clock: SimClock
  readonly #link: ReturnType<SimNet['link']>
  #frames: PollAnswer['frames'] = []
  #n = 0
  #taken = 0
  #closed: PollAnswer['closed'] = null
  #wake = () => {}

  constructor(net: SimNet, token: string) {
    this.id = `p${net.clock.randomBytes(4).join('')}`
    this.#clock = net.clock
    this.#link = net.link(
      token,
      (text) => {
        this.#frames.push({ n: ++this.#n, frame: JSON.parse(text) })
        this.#wake()
      },
      (code) => {
        this.#closed = { code, reason: '' }
        this.#wake()
      },
    )
  }

  async wait(ack: number): Promise<PollAnswer> {
    this.#frames = this.#frames.filter(({ n }) => n > ack)
    if (this.#frames.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.#clock.setTimer(30_000, resolve)
      })
    return { frames: this.#frames, closed: this.#frames.length > 0 ? null : this.#closed }
  }

  take(n: number, frames: readonly string[]): void {
    for (const [i, frame] of frames.entries()) {
      if (n + i <= this.#taken) continue
      this.#taken = n + i
      this.#link.up(frame)
    }
  }

  end(): void {
    this.#closed = { code: 1006, reason: 'cut' }
    this.#wake()
  }
}

function json(body: unknown): Response {
  return new Response(JSON.stringify(body))
}

function failure(code: ErrorCode): Response {
  return new Response(JSON.stringify({ code, message: errorTable[code].message }), { status: errorTable[code].http })
}

/** A token is the user and a number. */
function userOf(token: string): UserId {
  return token.split('.')[0] as UserId
}

export function tokensOf(userId: UserId, generation: number, now: number, deviceId = 'd_sim') {
  return {
    userId,
    deviceId: deviceId as `d_${string}`,
    accessToken: `${userId}.${generation}`,
    accessTokenExpiresAt: now + 15 * 60_000,
    refreshToken: `${userId}.${generation}.refresh`,
  }
}

function renewed(refreshToken: string, now: number) {
  const [userId, generation] = refreshToken.split('.')
  return tokensOf(userId as UserId, Number(generation) + 1, now)
}
