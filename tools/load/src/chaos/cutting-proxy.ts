/**
 * A TCP proxy that cuts each link at a random moment, every `cutEveryMs` on average. It cuts the way networks do: by a reset, by an
 * orderly end, in the middle of a chunk, or by swallowing everything for a while first (a half-open link).
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Random } from '../world/random.ts'

export interface ProxyOptions {
  readonly targetPort: number
  readonly random: Random
  readonly cutEveryMs: number
}

type Cut = 'reset' | 'end' | 'mid-chunk' | 'half-open'

const cuts: readonly (readonly [number, Cut])[] = [
  [4, 'reset'],
  [3, 'end'],
  [2, 'mid-chunk'],
  [1, 'half-open'],
]
const halfOpenMs = 3_000

interface Link {
  readonly client: Socket
  readonly server: Socket
  timer: NodeJS.Timeout | undefined
  mode: 'open' | 'mid-chunk' | 'half-open'
}

export class CuttingProxy {
  readonly #options: ProxyOptions
  readonly #server: Server
  readonly #links = new Set<Link>()
  #isCutting = false
  #cutCount = 0

  private constructor(options: ProxyOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client))
  }

  static async start(options: ProxyOptions): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(options)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get links(): number {
    return this.#links.size
  }

  get cutCount(): number {
    return this.#cutCount
  }

  /** From now on every link, the open ones too, has its days numbered. */
  startCutting(): void {
    this.#isCutting = true
    for (const link of this.#links) this.#doom(link)
  }

  stopCutting(): void {
    this.#isCutting = false
    for (const link of this.#links) {
      clearTimeout(link.timer)
      if (link.mode !== 'open') this.#drop(link)
    }
  }

  async close(): Promise<void> {
    this.stopCutting()
    for (const link of this.#links) this.#drop(link)
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#options.targetPort, host: '127.0.0.1', noDelay: true })
    const link: Link = { client, server, timer: undefined, mode: 'open' }
    this.#links.add(link)
    this.#relay(link, client, server)
    this.#relay(link, server, client)
    for (const socket of [client, server]) {
      socket.on('error', () => this.#drop(link))
      socket.on('close', () => this.#drop(link))
    }
    if (this.#isCutting) this.#doom(link)
  }

  #relay(link: Link, from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (link.mode === 'half-open') return
      if (link.mode === 'mid-chunk') {
        to.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => this.#drop(link))
        link.mode = 'half-open'
        return
      }
      if (!to.write(chunk)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
    })
    from.on('end', () => to.end())
  }

  #doom(link: Link): void {
    const { random, cutEveryMs } = this.#options
    link.timer = setTimeout(() => this.#cut(link, random.weighted(cuts)), random.wait(cutEveryMs))
  }

  #cut(link: Link, cut: Cut): void {
    this.#cutCount++
    switch (cut) {
      case 'reset':
        link.client.resetAndDestroy()
        link.server.resetAndDestroy()
        this.#drop(link)
        return
      case 'end':
        this.#drop(link)
        return
      case 'mid-chunk':
      case 'half-open':
        link.mode = cut
        link.timer = setTimeout(() => this.#drop(link), halfOpenMs)
    }
  }

  #drop(link: Link): void {
    clearTimeout(link.timer)
    link.client.destroy()
    link.server.destroy()
    this.#links.delete(link)
  }
}
