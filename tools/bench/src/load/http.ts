/** Requests to the HTTP API over connections that stay open. */
import { Agent, request } from 'node:http'

export class HttpClient {
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: 'lifo' })

  constructor(port: number) {
    this.#port = port
  }

  /** The body of the answer; throws for any status but 200. */
  get(path: string, token: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const options = { agent: this.#agent, host: '127.0.0.1', port: this.#port, path, headers: { authorization: `Bearer ${token}` } }
    const sending = request(options, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => {
        body += text
      })
      answer.once('end', () =>
        answer.statusCode === 200 ? resolve(body) : reject(new Error(`GET ${path}: ${answer.statusCode} ${body.slice(0, 200)}`)),
      )
      answer.once('error', reject)
    })
    sending.once('error', reject)
    sending.end()
    return promise
  }

  end(): void {
    this.#agent.destroy()
  }
}
