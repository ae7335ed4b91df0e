/**
 * What the SDK dials with. Node's own `fetch` and `WebSocket` share one pool of connections, which looks through all of them for
 * each request: with a thousand devices in a thread that is most of its work. One agent here, and a socket a device.
 */
import { Agent, request } from 'node:http'
import WebSocket from 'ws'

const agent = new Agent({ keepAlive: true })

/** `fetch`, as far as the SDK uses it. */
export const plainFetch: typeof fetch = (input, init = {}) =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers, body, signal } = init
    const asked = request(String(input), {
      method,
      headers: { ...(headers as Record<string, string>) },
      agent,
      ...(signal ? { signal } : {}),
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500 })))
    })
    asked.end(typeof body === 'string' ? body : undefined)
  })

/** A WebSocket with an ear on what comes in, before the SDK sees it. */
export function tappedWebSocket(hear: (frame: string) => void): typeof globalThis.WebSocket {
  const Tapped = class extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      this.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') hear(data)
      })
    }
  }
  return Tapped as unknown as typeof globalThis.WebSocket
}
