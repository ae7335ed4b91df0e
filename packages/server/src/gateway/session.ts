/**
 * One connection from its first frame to its last. The states are in `session-state.ts`; what a frame does is in `dispatch.ts`.
 * This is the edge: refusals become error frames and closes here, and nothing that a client sends gets past the catch (T10).
 */
import { type CloseName, closeCodes } from '@godwit/protocol/close-codes.ts'
import { decodeUp } from '@godwit/protocol/codec.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import { type ErrorCode, GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UpFrame, UpFrameOf } from '@godwit/protocol/up.ts'
import type { Authenticated } from '../accounts/access-tokens.ts'
import type { Frame, Socket } from '../ports/socket.ts'
import { type About, aboutsOf, aboutsOfText } from './about.ts'
import { dispatch, type Work } from './dispatch.ts'
import { encodeDown, errorFrame } from './encode.ts'
import { Greeting } from './greeting.ts'
import type { HubSession } from './hub.ts'
import { Outbox } from './outbox.ts'
import { ConnectionRate } from './rate.ts'
import type { Services } from './services.ts'
import type { GreetedState, Identity, SessionState } from './session-state.ts'
import { TypingMemory } from './typing.ts'

/** The gateway's register of sessions. */
export interface SessionRegister {
  /** The session has said who it is; answers why it may not stay, or null. */
  greeted(session: Session): CloseName | null
  closed(session: Session): void
}

const sweepsPerSighting = Math.ceil(limits.sightingIntervalMs / limits.sessionSweepMs)

export class Session implements HubSession {
  readonly id: string
  readonly address: string
  isActive = true
  readonly typing = new TypingMemory()
  readonly #services: Services
  readonly #register: SessionRegister
  readonly #socket: Socket
  readonly #outbox: Outbox
  readonly #rate: ConnectionRate
  #state: SessionState
  #pending = 0
  #sweeps = 0
  #silentSweeps = 0
  #lastWatch = 0

  constructor(services: Services, register: SessionRegister, socket: Socket, id: string, address: string) {
    this.id = id
    this.address = address
    this.#services = services
    this.#register = register
    this.#socket = socket
    this.#outbox = new Outbox(socket, services.flusher, () => this.close('SLOW_CONSUMER'))
    this.#rate = new ConnectionRate(services.clock, services.rates)
    const greeting = new Greeting({
      clock: services.clock,
      authenticate: services.authenticate,
      onProven: (who, waiting) => this.#welcome(who, waiting),
      onRefused: (close, error) => this.#turnAway(close, error),
    })
    this.#state = { name: 'greeting', greeting }
  }

  /** Throws before the session is greeted, and after it is closed. */
  get sender(): GreetedState['identity']['sender'] {
    if (!isGreeted(this.#state)) throw new Error(`a session that is ${this.#state.name} belongs to nobody`)
    return this.#state.identity.sender
  }

  get userId(): UserId {
    return this.sender.userId
  }

  get isGreeted(): boolean {
    return isGreeted(this.#state)
  }

  get isClosed(): boolean {
    return this.#state.name === 'closed'
  }

  /** Pushes come, or are held until they can. */
  get isPushedTo(): boolean {
    return this.#state.name === 'live' || this.#state.name === 'resuming'
  }

  /** Watches are checked before they hold; of several under way, the last one asked for counts. */
  nextWatch(): number {
    return ++this.#lastWatch
  }

  isWatch(turn: number): boolean {
    return turn === this.#lastWatch
  }

  /** One text frame from the client. Never throws. */
  receive(text: string): void {
    this.#silentSweeps = 0
    const state = this.#state
    try {
      if (isGreeted(state)) this.#handle(state, text)
      else if (state.name === 'greeting') state.greeting.receive(text)
    } catch (error) {
      this.#answerError(error, {})
    }
  }

  send(frame: DownFrame): void {
    this.#outbox.push([encodeDown(frame)])
  }

  push(frames: readonly Frame[]): void {
    if (this.#state.name === 'live') this.#outbox.push(frames)
    else for (const frame of frames) this.#hold(frame)
  }

  pushLater(frame: Frame): void {
    if (this.#state.name === 'live') this.#outbox.pushLater(frame)
    else this.#hold(frame)
  }

  pushLossy(frame: Frame): void {
    if (this.#state.name === 'live') this.#outbox.pushLossy(frame)
  }

  quietHeadMoved(conversationId: ConversationId): void {
    this.#services.quietHeads.moved(this.sender, this, conversationId)
  }

  /** Closes with what is due before it, except towards a reader that is too slow for that. */
  close(name: CloseName): void {
    if (this.isClosed) return
    if (name !== 'SLOW_CONSUMER') this.#outbox.flush()
    if (this.isClosed) return
    this.closed()
    const { code, reason } = closeCodes[name]
    this.#socket.close(code, reason)
  }

  /** The socket is gone. */
  closed(): void {
    const state = this.#state
    if (state.name === 'closed') return
    if (state.name === 'greeting') state.greeting.stop()
    if (this.isPushedTo) this.#leave()
    this.#outbox.stop()
    this.#register.closed(this)
    this.#state = { name: 'closed' }
  }

  /** Called every `sessionSweepMs`: silence is counted in sweeps, so a clock that is set kills nobody. */
  sweep(now: number): void {
    if (++this.#sweeps % sweepsPerSighting === 0 && this.isPushedTo) this.#services.presence.alive(this.sender)
    if (++this.#silentSweeps * limits.sessionSweepMs >= limits.heartbeatTimeoutMs) this.close('HEARTBEAT_MISSED')
    if (!isGreeted(this.#state)) return
    const { identity } = this.#state
    const overdueMs = now - identity.tokenExpiresAt
    if (overdueMs >= limits.tokenExpiryGraceMs) this.close('TOKEN_EXPIRED')
    else if (overdueMs >= 0 && !identity.isExpiryTold) {
      identity.isExpiryTold = true
      this.send(errorFrame(new GodwitError('TOKEN_EXPIRED'), {}))
    }
  }

  /** L7: register, hold what comes, ask, answer, drain. Throws what `chat` throws; the session can then resume again. */
  async resume(frame: UpFrameOf<'resume'>): Promise<void> {
    await this.#services.resumes.run(
      () => !this.isClosed,
      () => this.#resume(frame),
    )
  }

  async #resume(frame: UpFrameOf<'resume'>): Promise<void> {
    if (this.#state.name !== 'authenticated') throw new GodwitError('ALREADY_RESUMED')
    const { chat, hub, presence } = this.#services
    const { identity } = this.#state
    const { sender } = identity
    const resuming: SessionState = { name: 'resuming', identity, held: [], heldBytes: 0 }
    this.#state = resuming
    hub.add(this)
    presence.arrived(sender)
    try {
      const [answer, quiet] = await Promise.all([chat.resume(sender, frame), chat.quietConversations(sender)])
      if (this.isClosed) return
      hub.setQuiet(sender.userId, quiet)
      this.send(answer)
      this.#outbox.push(resuming.held)
      this.#toGreeted('live')
    } catch (error) {
      if (!this.isClosed) {
        this.#leave()
        this.#toGreeted('authenticated')
      }
      throw error
    }
  }

  /** A new token for the same user and device. */
  async renew(token: string): Promise<void> {
    const { principal, expiresAt } = await this.#services.authenticate(token)
    const state = this.#state
    if (!isGreeted(state)) return
    const { identity } = state
    if (principal.userId !== identity.sender.userId || principal.deviceId !== identity.sender.deviceId)
      throw new GodwitError('UNAUTHENTICATED', 'the token is of another user or device')
    identity.tokenExpiresAt = expiresAt
    identity.isExpiryTold = false
  }

  #welcome({ principal: { userId, deviceId }, expiresAt }: Authenticated, waiting: readonly string[]): void {
    const identity: Identity = { sender: { userId, deviceId, sessionId: this.id }, tokenExpiresAt: expiresAt, isExpiryTold: false }
    this.#state = { name: 'authenticated', identity }
    const refusal = this.#register.greeted(this)
    if (refusal) {
      this.#turnAway(refusal, refusal === 'DEVICE_REVOKED' ? new GodwitError(refusal) : undefined)
      return
    }
    this.send({
      type: 'welcome',
      sessionId: this.id,
      userId,
      deviceId,
      epoch: this.#services.epoch,
      serverTime: this.#services.clock.now(),
      heartbeatMs: limits.heartbeatIntervalMs,
      tokenExpiresAt: expiresAt,
    })
    for (const text of waiting) this.receive(text)
  }

  #turnAway(name: CloseName, error?: unknown): void {
    if (error !== undefined) this.#answerError(error, {})
    this.close(name)
  }

  #handle({ identity }: GreetedState, text: string): void {
    let frame: UpFrame
    try {
      frame = decodeUp(text)
    } catch (error) {
      this.#rate.chargeUnreadable()
      this.#refuse(error, aboutsOfText(text))
      return
    }
    let works: readonly Work[]
    try {
      this.#admit(identity, frame)
      works = dispatch(this.#services, this, identity, frame)
    } catch (error) {
      this.#refuse(error, frame.type === 'typing' ? [] : aboutsOf(frame))
      return
    }
    for (const work of works) void this.#settle(work)
  }

  #admit({ sender }: Identity, frame: UpFrame): void {
    if (this.#services.inFlight.isDraining) throw new GodwitError('DRAINING')
    this.#rate.charge(frame, sender.userId)
    const parts = frame.type === 'batch' ? frame.frames.length : 1
    if (this.#pending + parts > limits.commandsPendingPerSessionMax) throw new GodwitError('OVERLOADED', 'commandsPendingPerSessionMax')
  }

  /** Never rejects. */
  async #settle({ about, answer }: Work): Promise<void> {
    this.#pending++
    this.#services.inFlight.started()
    try {
      for (const frame of await answer) this.send(frame)
    } catch (error) {
      if (this.#answerError(error, about) === 'DEVICE_REVOKED') this.close('DEVICE_REVOKED')
    } finally {
      this.#pending--
      this.#services.inFlight.ended()
    }
  }

  /** Refused before anything was done. Who sends little else is closed; a busy server is not the client's fault. */
  #refuse(error: unknown, abouts: readonly About[]): void {
    for (const about of abouts) this.#answerError(error, about)
    const isFault = !(error instanceof GodwitError) || error.retry === 'never' || error.retry === 'later'
    if (isFault && this.#rate.refused()) this.close('FLOODING')
  }

  #answerError(error: unknown, about: About): ErrorCode {
    const refusal = error instanceof GodwitError ? error : new GodwitError('INTERNAL')
    if (refusal !== error || refusal.code === 'STORAGE_DAMAGED') this.#services.onError(error)
    this.send(errorFrame(refusal, about))
    return refusal.code
  }

  /** What comes while a resume is answered waits behind the answer (L7). */
  #hold(frame: Frame): void {
    const state = this.#state
    if (state.name !== 'resuming') return
    state.heldBytes += frame.length
    if (state.held.push(frame) > limits.outboxFramesMax || state.heldBytes > limits.outboxBytesMax) this.close('SLOW_CONSUMER')
  }

  #toGreeted(name: 'authenticated' | 'live'): void {
    if (isGreeted(this.#state)) this.#state = { name, identity: this.#state.identity }
  }

  #leave(): void {
    // A watch that is being checked is of before.
    this.#lastWatch++
    this.#services.hub.remove(this)
    this.#services.presence.left(this, this.sender)
  }
}

function isGreeted(state: SessionState): state is GreetedState {
  return 'identity' in state
}
