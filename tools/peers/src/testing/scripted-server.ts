/** A server on loopback that says what a test lets it say, to the one session that dials it. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export async function acceptOne<T>(
  dial: (port: number) => T,
): Promise<{ readonly session: T; readonly peer: Peer; readonly socket: Socket }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const accepted = once(server, 'connection')
  const session = dial((server.address() as AddressInfo).port)
  const [socket] = (await accepted) as [Socket]
  return { session, peer: new Peer(socket), socket }
}

/** What a session writes. */
export class Peer {
  #text = ''
  #waiting: () => void = () => {}

  constructor(socket: Socket) {
    socket.setEncoding('utf8')
    socket.on('error', () => {})
    socket.on('data', (text: string) => {
      this.#text += text
      this.#waiting()
    })
  }

  /** Waits until this has been written, and forgets it. */
  async asked(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#text)
      if (found) {
        this.#text = this.#text.slice(found.index + found[0].length)
        return found[0]
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }
}
