import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket as NetSocket } from 'node:net'
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { subprotocol } from '@godwit/protocol/version.ts'
import type { Socket } from '@godwit/server/ports/socket.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createAddressOf } from './address.ts'
import { createOriginRule } from './origin.ts'
import { attachWebSockets } from './ws-listener.ts'

/** A gateway that tells what its listener does. */
class Ear {
  readonly heard: string[] = []
  readonly sockets: Socket[] = []
  readonly addresses: string[] = []
  closed = 0
  onReceive: (text: string, socket: Socket) => void = () => {}

  accept(socket: Socket, { address }: { readonly address: string }) {
    this.sockets.push(socket)
    this.addresses.push(address)
    return {
      receive: (text: string) => {
        this.heard.push(text)
        this.onReceive(text, socket)
      },
      closed: () => {
        this.closed++
      },
    }
  }
}

let server: Server
let port: number
let ear: Ear
const opened: (WebSocket | NetSocket)[] = []

beforeEach(async () => {
  ear = new Ear()
  server = createServer((_request, response) => response.writeHead(404).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  const isAllowedOrigin = createOriginRule({ configured: ['https://chat.example'], host: '127.0.0.1', port, tls: false })
  attachWebSockets(server, { gateway: ear, isAllowedOrigin, addressOf: createAddressOf(['127.0.0.1']) })
})

afterEach(async () => {
  for (const each of opened.splice(0)) each instanceof WebSocket ? each.terminate() : each.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

type Outcome = { status: number; body: string } | { protocol: string }

function open(headers: Record<string, string> = {}, protocols: string[] = [], path = '/ws'): Promise<WebSocket> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers })
  opened.push(ws)
  return new Promise((resolve, reject) => ws.once('open', () => resolve(ws)).once('error', reject))
}

function attempt(headers: Record<string, string>, protocols: string[] = [], path = '/ws'): Promise<Outcome> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers })
  opened.push(ws)
  return new Promise((resolve, reject) => {
    ws.once('open', () => resolve({ protocol: ws.protocol }))
    ws.once('error', reject)
    ws.once('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
  })
}

const closeOf = (ws: WebSocket) => new Promise<number>((resolve) => ws.once('close', (code) => resolve(code)))

/** A connection that speaks WebSocket by hand, to send what no library would. */
async function raw(extraHeaders = ''): Promise<NetSocket> {
  const socket = connect(port, '127.0.0.1')
  opened.push(socket)
  socket.on('error', () => {})
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n${extraHeaders}\r\n`,
  )
  await new Promise((resolve) => socket.once('data', resolve))
  return socket
}

/** With a mask of zeros, which changes nothing. */
const masked = (firstByte: number, payload: Buffer) => Buffer.concat([Buffer.from([firstByte, 0x80 | payload.length, 0, 0, 0, 0]), payload])

async function closeCodeOf(socket: NetSocket): Promise<number> {
  const bytes: Buffer[] = []
  socket.on('data', (chunk) => bytes.push(chunk))
  await new Promise((resolve) => socket.once('close', resolve))
  const all = Buffer.concat(bytes)
  return all[0] === 0x88 ? all.readUInt16BE(2) : 0
}

test.for([
  ['a page of another site', 'https://evil.example', false],
  ['a subdomain of an allowed one', 'https://x.chat.example', false],
  ['an allowed one as a prefix', 'https://chat.example.evil.example', false],
  ['an allowed one by another scheme', 'http://chat.example', false],
  ['an allowed one with another port', 'https://chat.example:8443', false],
  ['null', 'null', false],
  ['an allowed one', 'https://chat.example', true],
  ['a program, which has none', undefined, true],
] as const)('[T1] the origin of %s is judged at the upgrade, before any frame', async ([, origin, isAllowed]) => {
  const outcome = await attempt(origin ? { origin } : {})
  if (isAllowed) expect(outcome).toHaveProperty('protocol')
  else expect(outcome).toMatchObject({ status: 403, body: expect.stringContaining('ORIGIN_REFUSED') })
  expect(ear.sockets).toHaveLength(isAllowed ? 1 : 0)
})

test('[T1] a page of the own address is allowed', async () => {
  expect(await attempt({ origin: `http://localhost:${port}` })).toHaveProperty('protocol')
})

test('the subprotocol is chosen; none offered means version 1; only others offered is refused with a reason', async () => {
  expect(await attempt({}, [subprotocol])).toEqual({ protocol: subprotocol })
  expect(await attempt({}, ['godwit.v9', subprotocol])).toEqual({ protocol: subprotocol })
  expect(await attempt({})).toEqual({ protocol: '' })
  expect(await attempt({}, ['mqtt'])).toMatchObject({ status: 400, body: expect.stringContaining(subprotocol) })
})

test('upgrades elsewhere are refused', async () => {
  expect(await attempt({}, [], '/socket.io')).toMatchObject({ status: 404, body: expect.stringContaining('/ws') })
})

test('[T13] compression is not negotiated', async () => {
  const ws = await open()
  expect(ws.extensions).toBe('')
})

test('[T25] the address is the one that the trusted proxy names', async () => {
  await open({ 'x-forwarded-for': '203.0.113.7' })
  expect(ear.addresses).toEqual(['203.0.113.7'])
})

test('text goes in and frames come out, in order', async () => {
  ear.onReceive = (text, socket) => socket.send([Buffer.from(`echo ${text}`), Buffer.from('и ещё')])
  const ws = await open()
  const got: string[] = []
  const both = new Promise<void>((resolve) => ws.on('message', (data) => got.push(String(data)) === 2 && resolve()))
  ws.send('こんにちは')
  await both
  expect(ear.heard).toEqual(['こんにちは'])
  expect(got).toEqual(['echo こんにちは', 'и ещё'])
})

test('a pong of the protocol does not land inside a frame', async () => {
  const large = Buffer.from('漢'.repeat(60_000))
  ear.onReceive = (_text, socket) => socket.send([large, Buffer.from('Ende')])
  const ws = await open()
  let pongs = 0
  ws.on('pong', () => pongs++)
  const got: number[] = []
  const all = new Promise<void>((resolve) => ws.on('message', (data) => got.push(String(data).length) === 40 && resolve()))
  for (let i = 0; i < 20; i++) {
    ws.send('mehr')
    ws.ping()
  }
  await all
  expect(got).toEqual(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 60_000 : 4)))
  expect(pongs).toBeGreaterThan(0)
})

test('a close of the gateway reaches the client with its code, and nothing is sent or heard behind it', async () => {
  ear.onReceive = (_text, socket) => {
    socket.send([Buffer.from('vorher')])
    socket.close(closeCodes.DRAINING.code, closeCodes.DRAINING.reason)
    socket.send([Buffer.from('nachher')])
  }
  const ws = await open()
  const got: string[] = []
  ws.on('message', (data) => got.push(String(data)))
  ws.send('eins')
  ws.send('zwei')
  expect(await closeOf(ws)).toBe(closeCodes.DRAINING.code)
  expect(got).toEqual(['vorher'])
  expect(ear.heard).toEqual(['eins'])
})

test('[T10] a binary frame closes with 1003', async () => {
  const ws = await open()
  ws.send(Buffer.from('{"type":"ping"}'))
  expect(await closeOf(ws)).toBe(1003)
  expect(ear.heard).toEqual([])
})

test('[T12] a frame over the limit closes with 1009', async () => {
  const ws = await open()
  ws.send('x'.repeat(limits.frameBytesMax + 1))
  expect(await closeOf(ws)).toBe(1009)
})

test('[T12] what is not a whole message is no sign of life, so that one without an end is cut off with the silent ones', async () => {
  const socket = await raw()
  const answered = new Promise<Buffer>((resolve) => socket.once('data', resolve))
  for (const first of [0x01, 0x00, 0x00]) socket.write(masked(first, Buffer.from('Moin')))
  socket.write(masked(0x89, Buffer.from('ping')))
  expect((await answered)[0]).toBe(0x8a)
  expect(ear.heard).toEqual([])
  socket.write(masked(0x80, Buffer.from('!')))
  await expect.poll(() => ear.heard).toEqual(['MoinMoinMoin!'])
})

test.for([
  ['invalid UTF-8', [masked(0x81, Buffer.from([0xc3, 0x28]))], 1007],
  ['a frame without a mask', [Buffer.from([0x81, 1, 0x41])], 1002],
  ['a reserved bit', [masked(0xc1, Buffer.from('x'))], 1002],
  ['an unknown opcode', [masked(0x8b, Buffer.from('x'))], 1002],
  ['a message in endless fragments', [masked(0x01, Buffer.from('x')), ...Array(2_000).fill(masked(0x00, Buffer.from('x')))], 1008],
] as const)('[T10] %s closes that connection, and the next one works', async ([, frames, code]) => {
  const socket = await raw()
  const closing = closeCodeOf(socket)
  socket.write(Buffer.concat([...frames]))
  expect(await closing).toBe(code)
  expect(await attempt({})).toHaveProperty('protocol')
  expect(ear.heard).toEqual([])
})

test('[T10] a peer that vanishes in the middle of a frame is told to the gateway, and nothing breaks', async () => {
  const socket = await raw()
  socket.write(Buffer.from([0x81, 0xfe]))
  socket.resetAndDestroy()
  await expect.poll(() => ear.closed).toBe(1)
  expect(() => ear.sockets[0]?.send([Buffer.from('zu spät')])).not.toThrow()
})

test('[T11] a subprotocol header of spaces is refused at once', async () => {
  const socket = connect(port, '127.0.0.1')
  opened.push(socket)
  const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: a${' '.repeat(12_000)}b\r\n\r\n`,
  )
  expect(await answer).toContain('400')
})

test('[T14] a peer that does not answer a close is cut off', { timeout: limits.closeHandshakeMs + 5_000 }, async () => {
  const socket = await raw()
  const gone = new Promise((resolve) => socket.once('close', resolve))
  ear.sockets[0]?.close(closeCodes.HEARTBEAT_MISSED.code, closeCodes.HEARTBEAT_MISSED.reason)
  await gone
})
