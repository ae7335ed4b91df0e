/** HTTP/1.1 over one TCP connection that stays open: the requests are bytes, since no library would send most of them. */
import { connect, type Socket } from 'node:net'

export interface HttpAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

export class HttpConnection {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #isEnded = false
  #wake: () => void = () => {}

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true)
    this.#socket.on('error', () => {})
    this.#socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data])
      this.#wake()
    })
    this.#socket.on('close', () => {
      this.#isEnded = true
      this.#wake()
    })
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** The answer; null when the server hung up without one. */
  async ask(bytes: string, isHead: boolean): Promise<HttpAnswer | null> {
    this.#socket.write(bytes, 'latin1')
    for (;;) {
      const answer = this.#take(isHead)
      if (answer && answer.status >= 200) return answer
      if (this.#isEnded) return null
      if (!answer) await this.#more()
    }
  }

  /** Sends these bytes and no more; the first answer, or null when there was none. */
  async last(bytes: string, isHead: boolean): Promise<HttpAnswer | null> {
    this.#socket.end(bytes, 'latin1')
    while (!this.#isEnded) await this.#more()
    let answer = this.#take(isHead)
    while (answer && answer.status < 200 && answer.status !== 101) answer = this.#take(isHead)
    return answer
  }

  end(): void {
    this.#isEnded = true
    this.#socket.destroy()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** One whole answer off the front of what has come, or null. */
  #take(isHead: boolean): HttpAnswer | null {
    const answer = readAnswer(this.#received, isHead, this.#isEnded)
    if (!answer) return null
    this.#received = this.#received.subarray(answer.length)
    if (/^connection: close/im.test(answer.head)) this.end()
    return answer
  }
}

/** `isEnded`: an answer without a length is what came until the end. */
function readAnswer(bytes: Buffer, isHead: boolean, isEnded: boolean): (HttpAnswer & { readonly length: number }) | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const head = bytes.subarray(0, headEnd).toString('latin1')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
  const from = headEnd + 4
  const isEmpty = isHead || status < 200 || status === 204 || status === 304
  const told = /^content-length: (\d+)/im.exec(head)?.[1]
  if (!isEmpty && told === undefined && !isEnded) return null
  const to = isEmpty ? from : told === undefined ? bytes.length : from + Number(told)
  return to > bytes.length ? null : { status, head, body: bytes.subarray(from, to).toString('utf8'), length: to }
}
