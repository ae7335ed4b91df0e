/**
 * One connection at a time, and what to do when it goes.
 *
 *   idle -> dialling -> live -> waiting -> dialling …
 *             |  ^        |
 *             v  | poll   +-> ended (signed out, refused)
 *         websocket blocked
 *
 * `hello` and `resume` leave together; the connection is `live` with `welcome`. Every callback carries its dial, and one that is not the
 * present dial is ignored, so a late answer of a dead connection changes nothing.
 */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import { closeCodes, closePolicy } from '@godwit/protocol/close-codes.ts'
import type { DownFrame, DownFrameOf } from '@godwit/protocol/down.ts'
import { GodwitError, isErrorCode } from '@godwit/protocol/errors.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import type { Auth } from './auth.ts'
import { backoffMs, type Clock } from './clock.ts'
import { Heartbeat } from './heartbeat.ts'
import { TokenRenewal } from './token-renewal.ts'
import type { OpenTransport, Transport, TransportKind } from './transport.ts'
import type { ConnectionState } from './types.ts'

const dialTimeoutMs = 10_000
const retryBaseMs = 500
const retryMaxMs = 30_000
/** A connection that lived this long was a good one: the next loss starts from the short delays again. */
const goodMs = 5_000
/**
 * Where sockets have worked, so many in a row that end before anything was heard mean that something in between blocks them now:
 * one or two are a cut link or a busy server, to which polling would only be a burden. Where none ever worked, one is enough.
 */
const silentMax = 3
/** What a socket counts that opened and was cut: links die, and a busy server may take longer than they live. */
const cutWeight = 0.25
/** Where sockets were blocked: when to look again whether they still are. Doubles. */
const upgradeBaseMs = 15_000
const upgradeMaxMs = 30 * 60_000

export interface ConnectionOptions {
  readonly auth: Auth
  readonly clock: Clock
  readonly open: OpenTransport
  readonly transport: 'auto' | TransportKind
  readonly client: string
  /** Built when the socket is open, so that it says what is true then. */
  readonly resume: () => UpFrame
  readonly mark: () => string | null
  /** Any frame after `welcome`, in the order of arrival. */
  readonly onFrame: (frame: DownFrame) => void
  readonly onWelcome: (frame: DownFrameOf<'welcome'>) => void
  /** Not live any more. */
  readonly onLost: () => void
  readonly onState: (state: ConnectionState) => void
}

interface Dial {
  readonly kind: TransportKind
  readonly token: string
  readonly transport: Transport
  opened: boolean
  heard: boolean
  live: boolean
  /** The resume has its answer. */
  answered: boolean
  stopTimers: (() => void)[]
}

export class Connection {
  readonly #o: ConnectionOptions
  readonly #renewal: TokenRenewal
  #dial: Dial | null = null
  /** Counts starts and stops, so that a token that arrives late opens nothing. */
  #run = 0
  #running = false
  #attempt = 0
  #cancelWait: (() => void) | null = null
  #staleToken: string | undefined
  #blocked = false
  #silent = silentMax - 1
  #upgradeMs = upgradeBaseMs
  #heartbeat: Heartbeat | null = null

  constructor(options: ConnectionOptions) {
    this.#o = options
    this.#renewal = new TokenRenewal(options.auth, options.clock, (token) => this.send({ type: 'auth', token }))
  }

  get transport(): TransportKind {
    return this.#dial?.kind ?? 'websocket'
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#attempt = 0
    void this.#connect()
  }

  stop(state: ConnectionState = { status: 'idle' }): void {
    this.#o.auth.close()
    if (!this.#running) return
    this.#running = false
    this.#run++
    this.#cancelWait?.()
    this.#hangUp()
    this.#o.onState(state)
  }

  send(frame: UpFrame): boolean {
    if (!this.#dial?.live) return false
    this.#dial.transport.send(JSON.stringify(frame))
    return true
  }

  /** A hint that the world changed: try now, or see whether the socket still lives. */
  wake(): void {
    if (this.#cancelWait) {
      this.#cancelWait()
      void this.#connect()
    } else this.#heartbeat?.probe()
  }

  /** The server says that the token of this session is not good any more. */
  renewToken(): void {
    if (this.#dial?.live) this.#renewal.now()
  }

  async #connect(): Promise<void> {
    this.#cancelWait = null
    const run = ++this.#run
    this.#o.onState({ status: 'connecting', attempt: this.#attempt })
    try {
      const token = await this.#o.auth.token(this.#staleToken)
      this.#staleToken = undefined
      if (run === this.#run) this.#open(this.#o.transport === 'auto' ? (this.#blocked ? 'poll' : 'websocket') : this.#o.transport, token)
    } catch (error) {
      if (run !== this.#run) return
      if (error instanceof GodwitError && error.code === 'UNAUTHENTICATED') this.stop({ status: 'signed-out', reason: 'revoked' })
      else this.#wait(error instanceof Error ? error.message : 'no token', error instanceof GodwitError ? error.retryAfterMs : undefined)
    }
  }

  #open(kind: TransportKind, token: string): void {
    const present = () => this.#dial === dial
    const transport = this.#o.open(kind, token, {
      onOpen: () => {
        if (!present()) return
        dial.opened = true
        transport.send(JSON.stringify({ type: 'hello', token, client: this.#o.client } satisfies UpFrame))
        transport.send(JSON.stringify(this.#o.resume()))
      },
      onFrame: (text) => {
        if (present()) this.#receive(dial, text)
      },
      onClose: (code, reason) => {
        if (present()) this.#lost(dial, code, reason)
      },
    })
    const dial: Dial = { kind, token, transport, opened: false, heard: false, live: false, answered: false, stopTimers: [] }
    this.#dial = dial
    dial.stopTimers.push(this.#o.clock.setTimer(dialTimeoutMs, () => this.#dead(dial)))
  }

  #receive(dial: Dial, text: string): void {
    let frame: DownFrame
    try {
      frame = JSON.parse(text) as DownFrame
    } catch {
      this.#drop(dial, 1006, 'not a frame')
      return
    }
    dial.heard = true
    this.#heartbeat?.heard()
    if (frame.type === 'welcome') {
      this.#welcome(dial, frame)
      return
    }
    if (frame.type === 'resumed' || frame.type === 'reset') dial.answered = true
    this.#o.onFrame(frame)
    // Nothing but the resume was asked yet: without an answer to it the session would never be of use.
    if (frame.type === 'error' && !dial.answered && isErrorCode(frame.code)) {
      const { retry } = new GodwitError(frame.code)
      if (retry === 'reauth') this.#drop(dial, closeCodes.TOKEN_EXPIRED.code, frame.code)
      else if (retry !== 'never') this.#drop(dial, closeCodes.OVERLOADED.code, frame.code)
    }
  }

  #welcome(dial: Dial, frame: DownFrameOf<'welcome'>): void {
    for (const stop of dial.stopTimers.splice(0)) stop()
    dial.live = true
    const { clock } = this.#o
    dial.stopTimers.push(
      clock.setTimer(goodMs, () => {
        this.#attempt = 0
      }),
    )
    if (this.#blocked && dial.kind === 'poll') dial.stopTimers.push(clock.setTimer(this.#upgradeMs, () => this.#upgrade(dial)))
    if (dial.kind === 'websocket') this.#upgradeMs = upgradeBaseMs
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs: frame.heartbeatMs,
      timeoutMs: limits.heartbeatTimeoutMs,
      ping: () => this.send({ type: 'ping', mark: this.#o.mark() }),
      onDead: () => this.#dead(dial),
    })
    this.#renewal.start(frame, dial.token)
    this.#o.onWelcome(frame)
  }

  /** Sockets were blocked when this dial was made; perhaps they no longer are. A resume costs one frame. */
  #upgrade(dial: Dial): void {
    this.#blocked = false
    // One more silent socket is enough to know that they still are.
    this.#silent = silentMax - 1
    this.#upgradeMs = Math.min(this.#upgradeMs * 2, upgradeMaxMs)
    this.#drop(dial, 1001, 'upgrade')
  }

  /** Open, and yet nothing comes through: as good as a socket that never opened. */
  #dead(dial: Dial): void {
    dial.opened = false
    const { code, reason } = closeCodes.HEARTBEAT_MISSED
    this.#drop(dial, code, reason)
  }

  #drop(dial: Dial, code: number, reason: string): void {
    if (this.#dial === dial) this.#lost(dial, code, reason)
  }

  #lost(dial: Dial, code: number, reason: string): void {
    this.#hangUp()
    const policy = closePolicy(code)
    if (policy === 'stop') {
      const revoked = code === closeCodes.DEVICE_REVOKED.code
      this.stop(revoked ? { status: 'signed-out', reason: 'revoked' } : { status: 'stopped', code, reason })
      return
    }
    if (policy === 'reauth') this.#staleToken = dial.token
    // Nothing was ever heard on it: something in between may refuse sockets, or swallow what they carry.
    if (dial.kind === 'websocket' && this.#o.transport === 'auto') {
      this.#silent = dial.heard ? 0 : this.#silent + (dial.opened ? cutWeight : 1)
      this.#blocked = this.#silent >= silentMax
      if (this.#blocked && policy === 'reconnect') {
        this.#open('poll', dial.token)
        return
      }
    } else if (!dial.heard) {
      this.#blocked = false
      this.#silent = Math.min(this.#silent, silentMax - 1)
    }
    this.#wait(reason || `closed (${code})`)
  }

  #wait(reason: string, afterMs = 0): void {
    const ms = Math.max(afterMs, backoffMs(this.#o.clock, this.#attempt, retryBaseMs, retryMaxMs))
    const attempt = this.#attempt++
    const cancel = this.#o.clock.setTimer(ms, () => void this.#connect())
    this.#cancelWait = () => {
      cancel()
      this.#cancelWait = null
    }
    this.#o.onState({ status: 'offline', attempt, retryAt: this.#o.clock.now() + ms, reason })
  }

  #hangUp(): void {
    const dial = this.#dial
    if (!dial) return
    this.#dial = null
    for (const stop of dial.stopTimers) stop()
    this.#heartbeat?.stop()
    this.#heartbeat = null
    this.#renewal.stop()
    dial.transport.close()
    if (dial.live) this.#o.onLost()
  }
}
