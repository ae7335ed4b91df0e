/** One connection between a device and a node: ordered both ways as TCP is, until it is cut, goes silent or is not read from. */
import type { DownFrame } from '@godwit/protocol/down.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Connection } from '@godwit/server/gateway/gateway.ts'
import type { Frame, Socket } from '@godwit/server/ports/socket.ts'
import type { Random } from '../../load/src/world/random.ts'
import type { Node } from './node.ts'
import type { Process } from './process.ts'
import type { World } from './world.ts'

export interface LinkEnd {
  readonly process: Process
  readonly onFrame: (text: string) => void
  readonly onClose: (code: number, reason: string) => void
  /** Looks at every frame that the server sends, when it sends it. */
  readonly onSent: (frame: DownFrame, link: Link) => void
}

/** Without a closing handshake (RFC 6455 section 7.4.1). */
const abnormal = 1006

export class Link {
  readonly node: Node
  readonly #world: World
  readonly #random: Random
  readonly #device: LinkEnd
  readonly #connection: Connection
  #serverIsThere = true
  #deviceIsThere = true
  /** A direction in which nothing gets through any more, though nobody is told. */
  #upIsDead = false
  #downIsDead = false
  #isGreeted = false
  /** Until it is cut. */
  #framesLeft = Number.POSITIVE_INFINITY
  /** Until when the device does not read. */
  #stalledUntil = 0
  #upFree = 0
  #downFree = 0

  constructor(world: World, random: Random, node: Node, device: LinkEnd) {
    this.#world = world
    this.#random = random
    this.node = node
    this.#device = device
    const socket: Socket = {
      send: (frames) => this.#down(frames),
      close: (code, reason) => this.#closeDown(code, reason),
      bufferedBytes: () => (this.#isStalled ? limits.outboxBytesMax : 0),
    }
    this.#connection = node.gateway.accept(socket, { address: device.process.name })
  }

  get deviceName(): string {
    return this.#device.process.name
  }

  /** The server has welcomed the device and not ended the session since. */
  get isServed(): boolean {
    return this.#isGreeted && this.#serverIsThere
  }

  get isOpen(): boolean {
    return this.#serverIsThere && this.#deviceIsThere
  }

  up(text: string): void {
    this.#upFree = this.#later(this.#upFree, () => {
      if (!this.#upIsDead) this.#toServer(() => this.#connection.receive(text))
    })
  }

  /** The device closes it, or its process has died. */
  closeUp(): void {
    this.#deviceIsThere = false
    this.#upFree = this.#later(this.#upFree, () => {
      if (!this.#upIsDead) this.#endServer()
    })
  }

  /** Reset: both ends learn of it, each after a while. */
  cut(): void {
    this.#later(0, () => this.#endServer())
    this.#later(0, () => this.#endDevice(abnormal, ''))
  }

  /** The node has died: its kernel says so, or nobody does. */
  nodeDied(isTold: boolean): void {
    this.#serverIsThere = false
    if (isTold) this.#later(0, () => this.#endDevice(abnormal, ''))
    else this.goSilent('both')
  }

  /** Cut where the device has got so many frames more: of what is on its way behind them nothing arrives. */
  cutBehind(frames: number): void {
    this.#framesLeft = frames
  }

  goSilent(direction: 'up' | 'down' | 'both'): void {
    if (direction !== 'down') this.#upIsDead = true
    if (direction !== 'up') this.#downIsDead = true
  }

  stall(ms: number): void {
    this.#stalledUntil = this.#world.timeline.now() + ms
  }

  get #isStalled(): boolean {
    return this.#world.timeline.now() < this.#stalledUntil
  }

  #down(frames: readonly Frame[]): void {
    if (!this.node.process.isAlive) return
    for (const frame of frames) {
      const text = frame.toString()
      this.#world.trace.say(`${this.node.process.name} => ${this.#device.process.name} ${text}`)
      this.#device.onSent(frameOf(text), this)
      this.#isGreeted ||= text.startsWith('{"type":"welcome"')
      this.#downFree = this.#later(Math.max(this.#downFree, this.#stalledUntil), () => {
        if (!this.#deviceIsThere || this.#downIsDead) return
        this.#device.process.run(() => this.#deviceIsThere && this.#device.onFrame(text))
        if (--this.#framesLeft > 0) return
        this.#downIsDead = true
        this.cut()
      })
    }
  }

  #closeDown(code: number, reason: string): void {
    if (!this.node.process.isAlive) return
    this.#world.trace.say(`${this.node.process.name} => ${this.#device.process.name} close ${code}`)
    const { reached } = this.#world
    if (code === 4001) reached.hit('slow consumer closed')
    if (code === 4002) reached.hit('server closed a silent session')
    this.#serverIsThere = false
    this.#downFree = this.#later(Math.max(this.#downFree, this.#stalledUntil), () => {
      if (!this.#downIsDead) this.#endDevice(code, reason)
    })
  }

  #toServer(step: () => void): void {
    if (this.#serverIsThere) this.node.process.run(() => this.#serverIsThere && step())
  }

  #endServer(): void {
    if (!this.#serverIsThere) return
    this.node.process.run(() => {
      if (!this.#serverIsThere) return
      this.#serverIsThere = false
      this.#connection.closed()
    })
  }

  #endDevice(code: number, reason: string): void {
    if (!this.#deviceIsThere) return
    this.#device.process.run(() => {
      if (!this.#deviceIsThere) return
      this.#deviceIsThere = false
      this.#device.onClose(code, reason)
    })
  }

  /** Not before `free`, when the last one on this way arrives. Answers when this one does. */
  #later(free: number, arrive: () => void): number {
    const { timeline } = this.#world
    const at = Math.max(free, timeline.now() + 0.5 + 15 * this.#random.next())
    timeline.setTimer(at - timeline.now(), arrive)
    return at
  }
}

/** A frame goes to many devices as the same text. */
let lastFrame = { text: '', frame: {} as DownFrame }

function frameOf(text: string): DownFrame {
  if (text !== lastFrame.text) lastFrame = { text, frame: JSON.parse(text) as DownFrame }
  return lastFrame.frame
}
