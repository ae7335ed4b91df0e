/** The way of one device to the nodes: a WebSocket class and a `fetch` for the SDK, through a balancer that picks any live node. */
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { Random } from '../../load/src/world/random.ts'
import type { Cluster } from './cluster.ts'
import type { HttpAnswer, HttpRequest } from './http.ts'
import { Link } from './link.ts'
import type { Node } from './node.ts'
import { noFaults } from './plan.ts'
import type { Process } from './process.ts'
import type { World } from './world.ts'

export interface NetworkOptions {
  /** The process that runs the SDK now. */
  readonly process: Process
  /** Frames that a node sends to it, when they are sent. */
  readonly onSent: (frame: DownFrame, link: Link) => void
  /** Answers of the HTTP API, when they have come. */
  readonly onAnswer: (path: string, body: string) => void
  readonly socketsBlocked: boolean
}

/** What all devices share. */
export class Network {
  faults = noFaults
  readonly links = new Set<Link>()
  /** Devices, by the name of their process, that get nothing through. */
  readonly offline = new Set<string>()
  readonly #world: World
  readonly #cluster: Cluster
  readonly #random: Random

  constructor(world: World, cluster: Cluster) {
    this.#world = world
    this.#cluster = cluster
    this.#random = world.random('network')
  }

  get openLinks(): readonly Link[] {
    for (const link of this.links) if (!link.isOpen) this.links.delete(link)
    return [...this.links]
  }

  /** Nothing gets through on the links that this process has, and nobody is told. */
  silence(processName: string): void {
    for (const link of this.links) if (link.deviceName === processName) link.goSilent('both')
  }

  /** The process has died, and its kernel closes what it had. */
  drop(processName: string): void {
    for (const link of this.links) if (link.deviceName === processName) link.closeUp()
  }

  /** For `ClientOptions.WebSocket`. */
  socketClass({ process, onSent, socketsBlocked }: NetworkOptions): typeof WebSocket {
    const network = this
    class SimulatedSocket {
      readyState = 0
      onopen: (() => void) | null = null
      onmessage: ((event: { data: string }) => void) | null = null
      onclose: ((event: { code: number; reason: string }) => void) | null = null
      onerror: (() => void) | null = null
      #link: Link | null = null

      constructor() {
        network.#later(process, () => this.#open())
      }

      send(text: string): void {
        network.#world.trace.say(`${process.name} => ${text}`)
        if (text.startsWith('{"type":"auth"')) network.#world.reached.hit('token renewed on a live session')
        if (process.isAlive && !network.offline.has(process.name)) this.#link?.up(text)
      }

      close(): void {
        this.readyState = 3
        this.#link?.closeUp()
      }

      #open(): void {
        if (this.readyState !== 0) return
        // Without a network a socket neither opens nor fails: the SDK has to give it up.
        if (network.offline.has(process.name)) return
        const node = network.#anyNode()
        if (socketsBlocked || !node) {
          this.#closed(1006, '')
          return
        }
        this.readyState = 1
        this.#link = new Link(network.#world, network.#random, node, {
          process,
          onSent,
          onFrame: (data) => this.onmessage?.({ data }),
          onClose: (code, reason) => this.#closed(code, reason),
        })
        network.links.add(this.#link)
        if (network.#random.next() < network.faults.linkCutEarly) {
          network.#world.reached.hit('link cut among its first frames')
          this.#link.cutBehind(network.#random.int(1, 3))
        }
        this.onopen?.()
      }

      #closed(code: number, reason: string): void {
        this.readyState = 3
        this.onclose?.({ code, reason })
      }
    }
    return SimulatedSocket as unknown as typeof WebSocket
  }

  /** For `ClientOptions.fetch`. */
  fetch({ process, onAnswer }: NetworkOptions): typeof globalThis.fetch {
    return (input, init) => {
      const { pathname, search } = new URL(String(input))
      const authorization = new Headers(init?.headers).get('authorization')
      const request: HttpRequest = {
        method: init?.method ?? 'GET',
        url: pathname + search,
        token: authorization?.slice('Bearer '.length) ?? null,
        body: typeof init?.body === 'string' ? init.body : null,
        address: process.name,
      }
      return new Promise((resolve, reject) => {
        if (!process.isAlive) return
        const { trace } = this.#world
        trace.say(`${process.name} => ${request.method} ${request.url}`)
        const fail = () => this.#later(process, () => reject(new TypeError('fetch failed')))
        this.#send(
          process,
          request,
          (answer) => {
            trace.say(`${process.name} <= ${answer.status} ${answer.text}`)
            if (answer.status === 200) onAnswer(pathname, answer.text)
            if (init?.signal?.aborted) reject(new DOMException('aborted', 'AbortError'))
            else resolve({ ok: answer.status < 400, status: answer.status, text: async () => answer.text } as Response)
          },
          fail,
        )
      })
    }
  }

  #send(process: Process, request: HttpRequest, answered: (answer: HttpAnswer) => void, failed: () => void): void {
    const { reached, timeline } = this.#world
    const { requestLost, requestDoubled } = this.faults
    const node = this.#nodeFor(request)
    if (!node || this.offline.has(process.name)) {
      timeline.setTimer(this.offline.has(process.name) ? 3_000 : 5, failed)
      return
    }
    if (this.#random.next() < requestLost) {
      reached.hit('request lost')
      timeline.setTimer(2_000 * this.#random.next(), failed)
      return
    }
    let isOver = false
    const over = (settle: () => void) => {
      if (isOver) return
      isOver = true
      cancel()
      forget()
      settle()
    }
    // A connection that has carried no answer for this long is given up by somebody in between.
    const cancel = timeline.setTimer(60_000, () => over(failed))
    const forget = node.process.onDeath(() => over(failed))
    const arrive = (answer: (answer: HttpAnswer) => void) =>
      this.#later(node.process, () => {
        node.http(request).then(
          (given) => node.process.isAlive && this.#later(process, () => answer(given)),
          () => {},
        )
      })
    arrive((answer) =>
      over(() => {
        if (this.#random.next() >= requestLost && !this.offline.has(process.name)) return answered(answer)
        reached.hit('answer lost')
        failed()
      }),
    )
    if (this.#random.next() < requestDoubled && !request.url.startsWith('/v1/poll')) {
      reached.hit('request doubled')
      timeline.setTimer(500 * this.#random.next(), () => arrive(() => {}))
    }
  }

  /** A poll lives in one node, so its requests have to find that node again. */
  #nodeFor({ url }: HttpRequest): Node | null {
    return url.startsWith('/v1/poll') ? (this.#cluster.live[0] ?? null) : this.#anyNode()
  }

  #anyNode(): Node | null {
    const { live } = this.#cluster
    return live.length > 0 ? this.#random.pick(live) : null
  }

  #later(process: Process, arrive: () => void): void {
    const late = this.#random.next() < 0.05 ? 400 : 20
    this.#world.timeline.setTimer(0.5 + late * this.#random.next(), () => process.run(arrive))
  }
}
