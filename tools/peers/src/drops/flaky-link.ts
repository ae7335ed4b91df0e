/**
 * One person's way to the server, over a TCP proxy on loopback that can be taken away for a while, as a phone loses its network:
 *
 * - `reset`: both ends learn at once that the connection is gone.
 * - `silent`: neither does; what is sent is swallowed, and both are reset when the network is back.
 * - `moved`: the phone has changed its network. It learns at once; its packets never come from the old address again, so the server hears
 *   nothing, not even an end, until it asks.
 *
 * Whoever dials while it is gone waits until it is back.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Drop = 'reset' | 'silent' | 'moved'

export const drops: readonly Drop[] = ['reset', 'silent', 'moved']

interface Connection {
  readonly client: Socket
  readonly server: Socket
}

export class FlakyLink {
  readonly #targetPort: number
  readonly #listener: Server
  readonly #connections = new Set<Connection>()
  readonly #waiting = new Set<Socket>()
  /** The server's ends of connections whose other end has moved. */
  readonly #forgotten = new Set<Socket>()
  #isSilent = false
  #back: NodeJS.Timeout | null = null
  dropCount = 0

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#listener = createServer({ noDelay: true }, (client) => this.#accept(client))
  }

  static async start(targetPort: number): Promise<FlakyLink> {
    const link = new FlakyLink(targetPort)
    await new Promise<void>((resolve) => link.#listener.listen(0, '127.0.0.1', resolve))
    return link
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`
  }

  /** Takes the network away for so long. Nothing happens while it is away already. */
  drop(drop: Drop, ms: number): void {
    if (this.#back) return
    this.dropCount++
    this.#isSilent = drop === 'silent'
    if (drop === 'reset') this.#resetAll()
    if (drop === 'moved') this.#moveAll()
    this.#back = setTimeout(() => this.heal(), ms)
  }

  /** The network is back. */
  heal(): void {
    if (this.#back === null) return
    clearTimeout(this.#back)
    this.#back = null
    if (this.#isSilent) this.#resetAll()
    this.#isSilent = false
    for (const client of this.#waiting) this.#join(client)
    this.#waiting.clear()
  }

  async close(): Promise<void> {
    this.heal()
    this.#resetAll()
    for (const socket of this.#forgotten) socket.destroy()
    await new Promise((resolve) => this.#listener.close(resolve))
  }

  #accept(client: Socket): void {
    client.on('error', () => {})
    if (this.#back) this.#waiting.add(client.once('close', () => this.#waiting.delete(client)))
    else this.#join(client)
  }

  #join(client: Socket): void {
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true })
    const connection: Connection = { client, server }
    this.#connections.add(connection)
    this.#relay(client, server)
    this.#relay(server, client)
    server.on('error', () => this.#end(connection))
    for (const socket of [client, server]) socket.once('close', () => this.#end(connection))
  }

  #relay(from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (this.#isSilent || this.#forgotten.has(from) || to.destroyed) return
      if (to.write(chunk)) return
      from.pause()
      to.once('drain', () => from.resume())
    })
  }

  #end(connection: Connection): void {
    if (!this.#connections.delete(connection)) return
    connection.client.destroy()
    connection.server.destroy()
  }

  #resetAll(): void {
    for (const { client, server } of this.#connections) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
    this.#connections.clear()
  }

  #moveAll(): void {
    for (const { client, server } of this.#connections) {
      this.#forgotten.add(server.once('close', () => this.#forgotten.delete(server)))
      server.resume()
      client.resetAndDestroy()
    }
    this.#connections.clear()
  }
}
