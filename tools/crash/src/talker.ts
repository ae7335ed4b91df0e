/** The load: real devices of a few people, who talk, correct, delete, read, come and go as fast as the server takes it. */
import { memoryStore } from '@godwit/client'
import { Actor } from '@godwit/load/drive/actor.ts'
import { Device } from '@godwit/load/drive/device.ts'
import { Counters, Histogram, type Recorder } from '@godwit/load/drive/recorder.ts'
import type { Population } from '@godwit/load/setup.ts'
import type { Random } from '@godwit/load/world/random.ts'
import { createTalk } from '@godwit/load/world/talk.ts'
import type { Newcomers } from './newcomers.ts'

const usual = [
  [60, 'message'],
  [8, 'edit'],
  [4, 'delete'],
  [12, 'reaction'],
  [16, 'read'],
  [2, 'join'],
  [2, 'leave'],
  [0.5, 'rename'],
  [0.5, 'restart'],
] as const
const rare = ['sign-up', 'refresh', 'group', 'direct'] as const

export type Action = (typeof usual)[number][1] | (typeof rare)[number]

/** Commands of all devices without an answer: people wait when nothing goes out. */
const pendingMax = 60
const pendingOfDeviceMax = 10
const betweenMs = 4
/** New groups that chance makes in a round: each is a conversation that every check has to look at. */
export const groupsMax = 12

/** What is done next. The favourite is what a failpoint waits for: it comes however long the round has gone on. */
export function choose(random: Random, favourite: Action | null, groups: number): Action {
  if (favourite !== null && random.next() < 0.3) return favourite
  if (random.next() >= 0.02) return random.weighted(usual)
  return random.pick(groups < groupsMax ? rare : rare.filter((action) => action !== 'group'))
}

export interface TalkerOptions {
  readonly url: string
  readonly random: Random
  readonly population: Population
  readonly newcomers: Newcomers
  readonly recorder: Recorder
}

export class Talker {
  /** Done more often than usual. */
  favourite: Action | null = null
  readonly devices: readonly Device[]
  readonly #o: TalkerOptions
  readonly #counters = new Counters(Counters.buffer())
  readonly #actor: Actor
  #groups = 0
  #isCreating = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: TalkerOptions) {
    this.#o = options
    const { url, random, population, recorder } = options
    const common = { url, recorder, counters: this.#counters, latency: new Histogram() }
    this.devices = population.sessions.map((session) => new Device({ ...common, session, store: memoryStore() }))
    const talk = createTalk(random)
    this.#actor = new Actor({ random, talk, counters: this.#counters, userIds: population.userIds, pendingMax: pendingOfDeviceMax })
  }

  /** Under way now. */
  get pending(): number {
    return this.#counters.get('pending') + this.#o.newcomers.pending
  }

  get operations(): number {
    return this.#counters.get('started') + this.#o.newcomers.operations
  }

  get acked(): number {
    return this.#counters.get('acked')
  }

  start(): void {
    for (const device of this.devices) device.connect()
    this.#timer = setInterval(() => this.#act(), betweenMs)
  }

  /** As the operating system does when the network is back. */
  wake(): void {
    for (const device of this.devices) device.client.wake()
  }

  /** No more commands; answers who is not quiet when the time is over. */
  async settle(timeoutMs: number): Promise<string[]> {
    clearInterval(this.#timer)
    const until = performance.now() + timeoutMs
    let quietRounds = 0
    for (let round = 1; performance.now() < until && quietRounds < 10; round++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      if (round % 20 === 0) this.wake()
      quietRounds = this.pending === 0 && this.devices.every((device) => device.isQuiet) ? quietRounds + 1 : 0
    }
    return this.devices.flatMap((device) =>
      device.isQuiet ? [] : [`${device.id} is not quiet: ${JSON.stringify(device.client.connection.get())}, ${device.pending} unsettled`],
    )
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.devices.map((device) => device.disconnect()))
  }

  #act(): void {
    const { random } = this.#o
    if (this.pending >= pendingMax) return
    const action = choose(random, this.favourite, this.#groups)
    const device = random.pick(this.devices)
    switch (action) {
      case 'sign-up':
        this.#o.newcomers.signUp()
        break
      case 'refresh':
        this.#o.newcomers.renew()
        break
      case 'group':
        this.#createGroup(device)
        break
      case 'direct':
        this.#openDirect(device)
        break
      default:
        this.#actor.act(device, action)
    }
  }

  #createGroup(device: Device): void {
    if (this.#isCreating) return
    this.#isCreating = true
    const members = this.#o.random.sample(this.#o.population.userIds, 3)
    // Whether it came to be is what the log says; the devices of its members must show it then.
    device.client
      .createGroup({ name: `Heringsfischer ${this.#groups} 🎣`, members })
      .then(() => this.#groups++)
      .catch(() => {})
      .finally(() => {
        this.#isCreating = false
      })
  }

  /** With somebody who has just come, so that it is a new one. */
  #openDirect(device: Device): void {
    const newcomer = this.#o.newcomers.userIds.at(-1)
    if (newcomer) device.client.openDirect(newcomer).catch(() => {})
    this.#o.newcomers.signUp()
  }
}
