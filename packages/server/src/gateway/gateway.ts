/**
 * The live side of the server: takes connections from the listeners, keeps the register of sessions, and ends them.
 */
import { type CloseName, closeCodes } from '@godwit/protocol/close-codes.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Authenticate } from '../accounts/authenticate.ts'
import type { Chat } from '../chat/chat.ts'
import type { Accounts, Devices } from '../ports/accounts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Sightings } from '../ports/sightings.ts'
import type { Socket } from '../ports/socket.ts'
import type { Hub } from './hub.ts'
import { InFlight } from './in-flight.ts'
import { Flusher, type Schedule } from './outbox.ts'
import { PresenceBoard } from './presence.ts'
import { ProfileChanges } from './profile-changes.ts'
import { QuietHeads } from './quiet-heads.ts'
import { createSharedRates, type SharedRates } from './rate.ts'
import type { Services } from './services.ts'
import { Session, type SessionRegister } from './session.ts'
import { SignOuts } from './sign-outs.ts'
import { Turns } from './turns.ts'

export interface GatewayDeps {
  readonly clock: Clock
  readonly chat: Chat
  /** The one that `chat` delivers to. */
  readonly hub: Hub
  readonly authenticate: Authenticate
  readonly accounts: Pick<Accounts, 'byIds'>
  readonly devices: Pick<Devices, 'signOutsAfter'>
  /** As `SignOutsDeps` has it. */
  readonly signOutPosition: number
  readonly sightings: Sightings
  readonly bus: Bus
  /** The deployment's, from the `Vault`: the one that `chat` answers. */
  readonly epoch: string
  readonly schedule: Schedule
  /** Hears of what nobody expected; never of refusals. */
  readonly onError: (error: unknown) => void
}

/** What a listener tells of a connection. Neither throws. */
export interface Connection {
  receive(text: string): void
  /** The socket is gone; nothing is sent to it any more. */
  closed(): void
}

export class Gateway implements SessionRegister {
  readonly presence: PresenceBoard
  readonly #services: Services
  readonly #sessions = new Set<Session>()
  /** Lists, not sets: nearly everybody has one session, and a set of one takes four times the memory. */
  readonly #byUser = new Map<UserId, readonly Session[]>()
  readonly #byDevice = new Map<DeviceId, readonly Session[]>()
  readonly #countByAddress = new Map<string, number>()
  readonly #idPrefix: string
  #lastId = 0
  readonly #signOuts: SignOuts
  #sweep: Timer

  constructor({ accounts, devices, signOutPosition, sightings, bus, schedule, ...deps }: GatewayDeps) {
    const { clock, chat, hub, onError } = deps
    this.presence = new PresenceBoard({ clock, chat, accounts, sightings, onError })
    this.#services = {
      ...deps,
      presence: this.presence,
      quietHeads: new QuietHeads(clock, chat, onError),
      rates: createSharedRates(clock),
      flusher: new Flusher(schedule, clock),
      inFlight: new InFlight(),
      resumes: new Turns(limits.resumesAtOnceMax),
    }
    // Not a secret: it only has to differ between nodes and restarts.
    this.#idPrefix = `s_${Math.floor(clock.random() * 2 ** 48).toString(36)}_`
    const profiles = new ProfileChanges({ clock, accounts, chat, hub, presence: this.presence, onError })
    const recheck = (userId: UserId) => void this.presence.recheck(userId).catch(onError)
    hub.onRemoved(recheck)
    this.#signOuts = new SignOuts({
      clock,
      devices,
      position: signOutPosition,
      onSignedOut: (deviceId) => this.#closeAll(this.#byDevice.get(deviceId) ?? [], 'DEVICE_REVOKED'),
      onError,
    })
    bus.subscribe((hint) => {
      if (hint.type === 'block-changed') recheck(hint.userId)
      if (hint.type === 'profile-changed') profiles.changed(hint.userId)
      if (hint.type === 'device-revoked') this.#signOuts.heard(hint.deviceId)
    })
    this.#sweep = this.#sweepLater()
  }

  /** For the HTTP API to draw on as well. */
  get rates(): SharedRates {
    return this.#services.rates
  }

  get sessionCount(): number {
    return this.#sessions.size
  }

  /** `address` is the client's, for the cap on connections. */
  accept(socket: Socket, { address }: { readonly address: string }): Connection {
    const count = this.#countByAddress.get(address) ?? 0
    const refusal = this.#services.inFlight.isDraining ? 'DRAINING' : count >= limits.sessionsPerAddressMax ? 'OVERLOADED' : null
    if (refusal) {
      socket.close(closeCodes[refusal].code, closeCodes[refusal].reason)
      return { receive() {}, closed() {} }
    }
    this.#countByAddress.set(address, count + 1)
    const session = new Session(this.#services, this, socket, this.#idPrefix + (++this.#lastId).toString(36), address)
    this.#sessions.add(session)
    return session
  }

  /** Takes nothing new, lets what is under way finish (at most `drainMs`), and closes every session so that it reconnects. */
  async drain(): Promise<void> {
    const { clock, inFlight } = this.#services
    const timedOut = new Promise<void>((resolve) => clock.setTimer(limits.drainMs, resolve))
    await Promise.race([inFlight.drain(), timedOut])
    this.#closeAll(this.#sessions, 'DRAINING')
    this.#sweep.cancel()
    this.#signOuts.stop()
    await this.presence.stop()
  }

  /** Called by a session that has said who it is; answers why it may not stay, or null. */
  greeted(session: Session): CloseName | null {
    const { userId, deviceId } = session.sender
    if (this.#signOuts.isRecent(deviceId)) return 'DEVICE_REVOKED'
    if ((this.#byUser.get(userId)?.length ?? 0) >= limits.sessionsPerUserMax) return 'TOO_MANY_SESSIONS'
    addTo(this.#byUser, userId, session)
    addTo(this.#byDevice, deviceId, session)
    return null
  }

  /** Called by a session that ends. */
  closed(session: Session): void {
    this.#sessions.delete(session)
    const count = this.#countByAddress.get(session.address) ?? 0
    if (count > 1) this.#countByAddress.set(session.address, count - 1)
    else this.#countByAddress.delete(session.address)
    if (!session.isGreeted) return
    const { userId, deviceId } = session.sender
    removeFrom(this.#byUser, userId, session)
    removeFrom(this.#byDevice, deviceId, session)
  }

  #closeAll(sessions: Iterable<Session>, name: CloseName): void {
    for (const session of [...sessions]) session.close(name)
  }

  #sweepLater(): Timer {
    const { clock } = this.#services
    return clock.setTimer(limits.sessionSweepMs, () => {
      const now = clock.now()
      for (const session of this.#sessions) session.sweep(now)
      this.#sweep = this.#sweepLater()
    })
  }
}

function addTo<K>(map: Map<K, readonly Session[]>, key: K, session: Session): void {
  const sessions = map.get(key)
  // A literal: a spread reserves room for 17.
  map.set(key, sessions ? [...sessions, session] : [session])
}

function removeFrom<K>(map: Map<K, readonly Session[]>, key: K, session: Session): void {
  const left = map.get(key)?.filter((other) => other !== session) ?? []
  if (left.length > 0) map.set(key, left)
  else map.delete(key)
}
