import { Exchange } from '@godwit/bench/load/exchange.ts'
import { expect, onTestFinished, test } from 'vitest'
import { acceptOne } from '../testing/scripted-server.ts'
import { messageIdOf } from './message-ids.ts'
import { XmppSession } from './xmpp-session.ts'

const opening =
  "<?xml version='1.0'?><stream:stream id='1' version='1.0' xml:lang='en' xmlns:stream='http://etherx.jabber.org/streams' from='localhost' xmlns='jabber:client'>"
const features = {
  sasl: "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
  bind: "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>",
}
/** What ejabberd 23.01 answers, step by step, up to a live session. */
const negotiation: readonly (readonly [asked: RegExp, answer: string])[] = [
  [/^<\?xml.*<stream:stream to='localhost'/, opening + features.sasl],
  [/<auth [^>]*mechanism='PLAIN'>AGFtaW5hAHRpZGU=<\/auth>/, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"],
  [/<stream:stream to='localhost'/, opening + features.bind],
  [
    /<iq type='set' id='bind'>/,
    "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>amina@localhost/bench</jid></bind></iq>",
  ],
  [/<enable xmlns='urn:xmpp:sm:3'/, "<enabled resume='true' max='300' id='g2gC' xmlns='urn:xmpp:sm:3'/>"],
  [
    /<presence\/><r xmlns='urn:xmpp:sm:3'\/>/,
    "<presence to='amina@localhost/bench' from='amina@localhost/bench'/><r xmlns='urn:xmpp:sm:3'/><a h='1' xmlns='urn:xmpp:sm:3'/>",
  ],
]

/** A server that says what ejabberd said, and whoever has dialled it. */
async function setUp(answers = negotiation) {
  const exchange = new Exchange<XmppSession>({ acks: true })
  const { session, peer, socket } = await acceptOne(
    (port) => new XmppSession({ port, domain: 'localhost', name: 'amina', password: 'tide', ears: exchange }),
  )
  onTestFinished(() => session.end())
  for (const [asked, answer] of answers) {
    await peer.asked(asked)
    socket.write(answer)
  }
  return { exchange, session, peer, socket }
}

test('a session is live when its own presence has come back', async () => {
  const { session, peer } = await setUp()
  await session.ready
  expect(await peer.asked(/<a [^>]*\/>/)).toBe("<a xmlns='urn:xmpp:sm:3' h='1'/>")
})

test('a session that ends closes its stream, so that the server keeps nothing to be resumed', async () => {
  const { session, peer } = await setUp()
  await session.ready
  session.end()
  expect(await peer.asked(/<\/stream:stream>$/)).toContain('</stream:stream>')
})

test('a message is acked when the count of the server has reached it, and delivered when it is heard', async () => {
  const { exchange, session, peer, socket } = await setUp()
  await session.ready
  const acked: number[] = []
  exchange.onAcked = (n) => acked.push(n)
  const lane = { session, room: { id: 'bjorn@localhost', online: 2 }, unacked: -1 }
  for (let i = 0; i < 3; i++) exchange.send(lane, performance.now())
  await peer.asked(/<message to='bjorn@localhost' type='chat' id='[^']+'><body>[^<]+<\/body><\/message>/)
  await peer.asked(/<r xmlns='urn:xmpp:sm:3'\/>/)
  const entry = `<message to='amina@localhost' from='bjorn@localhost/r' type='chat' id='${messageIdOf(0)}'><stanza-id by='amina@localhost' id='17958'/><body>a &amp; b</body></message>`
  socket.write(`<a h='3' xmlns='urn:xmpp:sm:3'/>${entry}<r xmlns='urn:xmpp:sm:3'/>`)
  expect(await peer.asked(/<a [^>]*h='2'\/>/)).toContain('h=')
  expect(acked).toEqual([0, 1])
  expect(exchange.tally()).toMatchObject({ sent: 3, acks: 2, deliveries: 1, settled: 1, errors: 0 })
  socket.write("<a h='4' xmlns='urn:xmpp:sm:3'/><r xmlns='urn:xmpp:sm:3'/>")
  await peer.asked(/<a [^>]*h='2'\/>/)
  expect(acked).toEqual([0, 1, 2])
})

test('what the server refuses is told as refused, by its number where it has one', async () => {
  const { exchange, session, peer, socket } = await setUp()
  await session.ready
  exchange.send({ session, room: { id: 'nobody@localhost', online: 2 }, unacked: -1 }, performance.now())
  socket.write(
    `<message from='nobody@localhost' to='amina@localhost/bench' type='error' id='${messageIdOf(0)}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message><r xmlns='urn:xmpp:sm:3'/>`,
  )
  await peer.asked(/<a [^>]*h='2'\/>/)
  expect(exchange.tally()).toMatchObject({ errors: 1, settled: 1 })
  expect(exchange.complaints[0]).toContain('service-unavailable')
})

test('a password that is refused, or a stream that ends, fails the session', async () => {
  const refused = negotiation.slice(0, 1)
  const { session, peer, socket } = await setUp(refused)
  await peer.asked(/<\/auth>/)
  socket.write("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
  await expect(session.ready).rejects.toThrow('not-authorized')
  const early = await setUp(refused)
  early.socket.destroy()
  await expect(early.session.ready).rejects.toThrow('ended before it was live')
})
