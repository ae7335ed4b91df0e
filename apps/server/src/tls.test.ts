import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { subprotocol } from '@godwit/protocol/version.ts'
import { afterAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { StartError } from './start-error.ts'
import { startMemoryServer } from './testing/memory-server.ts'
import { certificate as ca, tlsFiles } from './testing/tls-files.ts'
import { readTls } from './tls.ts'

const files = tlsFiles()
const settings = { GODWIT_TLS_CERT: files.cert, GODWIT_TLS_KEY: files.key }
afterAll(() => files.remove())

test('with certificate and key, HTTP and WebSocket speak TLS on the one port, and pages are told to stay with it', async () => {
  const server = await startMemoryServer(settings)
  const { port } = new URL(server.url)
  expect(server.url).toMatch(/^https:/)
  const health = await overTls(port, 'GET', '/healthz')
  expect(health).toMatchObject({ status: 200, headers: { 'strict-transport-security': expect.stringContaining('max-age=') } })
  const { json } = await overTls(port, 'POST', '/v1/users', { name: 'ana', password: 'Wad en Watt 7' })
  const socket = new WebSocket(`wss://localhost:${port}/ws`, subprotocol, { ca })
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', token: json.accessToken })))
  const welcome = await new Promise<string>((resolve, reject) => {
    socket.on('message', (data) => resolve(String(data)))
    socket.on('error', reject)
  })
  expect(JSON.parse(welcome)).toMatchObject({ type: 'welcome' })
  socket.close()
  await server.drain()
})

test.for([
  ['a certificate that is not there', { tlsCert: '/nowhere/cert.pem', tlsKey: files.key }, 'GODWIT_TLS_CERT: /nowhere/cert.pem'],
  ['a key that is not there', { tlsCert: files.cert, tlsKey: '/nowhere/key.pem' }, 'GODWIT_TLS_KEY: /nowhere/key.pem'],
  ['what is no PEM', { tlsCert: import.meta.filename, tlsKey: files.key }, 'are no PEM certificate with its key'],
  ['one file for the other', { tlsCert: files.key, tlsKey: files.cert }, 'are no PEM certificate with its key'],
] as const)('%s is a reason not to start that names the setting', ([, config, told]) => {
  expect(() => readTls(config)).toThrow(StartError)
  expect(() => readTls(config)).toThrow(told)
})

test('without both, the server speaks plain HTTP', () => {
  expect(readTls({ tlsCert: undefined, tlsKey: undefined })).toBeNull()
})

function overTls(port: string, method: string, path: string, body?: object) {
  return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; json: { accessToken?: string } }>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const sent = request({ host: 'localhost', port, path, ca, method, headers, agent: false }, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, headers: response.headers, json: JSON.parse(text) })
    })
    sent.on('error', reject).end(body && JSON.stringify(body))
  })
}
