import { Exchange } from '@godwit/bench/load/exchange.ts'
import { expect, onTestFinished, test } from 'vitest'
import { acceptOne } from '../testing/scripted-server.ts'
import { messageIdOf } from './message-ids.ts'
import { TinodeSession } from './tinode-session.ts'

const bjorn = 'usrXK7dN2WK6yQ'
const control = (fields: string) => `{"ctrl":{${fields},"ts":"2026-11-27T21:38:34.097Z"}}`
const attachedTo = (id: string, topic: string) => control(`"id":"${id}","topic":"${topic}","code":200,"text":"ok"`)
type Step = readonly [asked: RegExp, answer: string]
const attach: Step = [/\{"sub":\{"id":"r3","topic":"usrXK7dN2WK6yQ"\}\}/, attachedTo('r3', bjorn)]
/** What Tinode 0.22.13 answers, step by step, up to a live session. */
const greeting: readonly Step[] = [
  [/\{"hi":\{"id":"r0"[^}]*\}\}/, control('"id":"r0","params":{"ver":"0.22"},"code":201,"text":"created"')],
  [
    /\{"login":\{"id":"r1","scheme":"token","secret":"dGlkZQ=="\}\}/,
    control('"id":"r1","params":{"user":"usrGgF"},"code":200,"text":"ok"'),
  ],
  [/\{"sub":\{"id":"r2","topic":"me",[^}]*\}\}\}?/, attachedTo('r2', 'me')],
  attach,
]

/** A frame as a server sends it, up to 64 KiB. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text)
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff]
  return Buffer.concat([Buffer.from([0x81, ...length]), payload])
}

/** A server that says what Tinode said, and whoever has dialled it. */
async function setUp(answers = greeting) {
  const exchange = new Exchange<TinodeSession>({ acks: true })
  const { session, peer, socket } = await acceptOne(
    (port) => new TinodeSession({ port, token: 'dGlkZQ==', topics: [bjorn], ears: exchange }),
  )
  onTestFinished(() => session.end())
  await peer.asked(/^GET \/v0\/channels\?apikey=\S+ HTTP\/1\.1\r\n[\s\S]*\r\n\r\n/)
  socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  for (const [asked, answer] of answers) {
    await peer.asked(asked)
    socket.write(frame(answer))
  }
  return { exchange, session, peer, socket }
}

test('a session is live when it is attached to `me` and to its topics; one that is being loaded is asked for again', async () => {
  const locked = control('"id":"r3","topic":"usrXK7dN2WK6yQ","code":503,"text":"locked"')
  const { session } = await setUp([...greeting.slice(0, -1), [attach[0], locked], attach])
  await session.ready
})

test('a message is acked when it is accepted, delivered when it is heard, and its receipt is told behind the last one', async () => {
  const { exchange, session, peer, socket } = await setUp()
  await session.ready
  const lane = { session, room: { id: bjorn, online: 2 }, unacked: -1 }
  for (let i = 0; i < 2; i++) exchange.send(lane, performance.now())
  await peer.asked(/\{"pub":\{"id":"0","topic":"usrXK7dN2WK6yQ","noecho":true,"content":"b[^ "]+-0 [\s\S]+?"\}\}/)
  socket.write(frame(control(`"id":"0","topic":"${bjorn}","params":{"seq":7},"code":202,"text":"accepted"`)))
  for (const [n, seq] of [
    [0, 8],
    [1, 9],
  ])
    socket.write(
      frame(
        `{"data":{"topic":"${bjorn}","from":"${bjorn}","ts":"2026-11-27T21:38:35Z","seq":${seq},"content":"${messageIdOf(n as number)} 会議は三時から"}}`,
      ),
    )
  expect(await peer.asked(/\{"note":[^}]*\}\}/)).toBe('{"note":{"topic":"usrXK7dN2WK6yQ","what":"recv","seq":9}}')
  expect(exchange.tally()).toMatchObject({ sent: 2, acks: 1, deliveries: 2, settled: 1, errors: 0 })
})

test('what the server refuses is told as refused, by its number', async () => {
  const { exchange, session, socket } = await setUp()
  await session.ready
  exchange.send({ session, room: { id: bjorn, online: 2 }, unacked: -1 }, performance.now())
  socket.write(frame(control(`"id":"0","topic":"${bjorn}","code":403,"text":"permission denied"`)))
  await expect.poll(() => exchange.tally()).toMatchObject({ errors: 1, settled: 1 })
  expect(exchange.complaints[0]).toContain('permission denied')
})

test('a token that is refused, or a connection that ends, fails the session', async () => {
  const { session, peer, socket } = await setUp(greeting.slice(0, 1))
  await peer.asked(/"login"/)
  socket.write(frame(control('"id":"r1","code":401,"text":"authentication failed"')))
  await expect(session.ready).rejects.toThrow('authentication failed')
  const early = await setUp(greeting.slice(0, 1))
  early.socket.destroy()
  await expect(early.session.ready).rejects.toThrow('before it was live')
})
