/**
 * A user at an XMPP server, over TCP: SASL PLAIN and bind (RFC 6120 sections 6 and 7), then stream management (XEP-0198). A message is
 * acked when the server's count of handled stanzas has reached it; ejabberd has written it to the sender's archive by then, because the
 * stream of a user waits for that. Writes what is due in a turn of the event loop at once, with one request for acks behind it, as
 * XEP-0198 advises.
 *
 *     <stream> -> features, <auth> -> <success>, <stream> -> features, <iq bind> -> result, <enable> -> <enabled>, <presence> -> the same
 */
import { connect, type Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import type { Talker } from '@godwit/bench/load/exchange.ts'
import type { Ears } from '@godwit/bench/load/session.ts'
import { xmlText } from './bodies.ts'
import { messageIdOf, numberOf } from './message-ids.ts'
import { attributeOf, StanzaReader } from './stanza-reader.ts'

export interface XmppOptions {
  readonly port: number
  readonly domain: string
  readonly name: string
  readonly password: string
  readonly ears: Ears<XmppSession>
}

const streamManagement = 'urn:xmpp:sm:3'
const ackRequest = `<r xmlns='${streamManagement}'/>`

export class XmppSession implements Talker {
  /** Live: bound, stream management on, and available, so that messages come here. Rejects when the server refuses or ends first. */
  readonly ready: Promise<void>
  readonly #options: XmppOptions
  readonly #readiness = Promise.withResolvers<void>()
  readonly #socket: Socket
  readonly #reader = new StanzaReader((stanza) => this.#hear(stanza))
  #step: 'sasl' | 'bind' | 'bound' | 'enabled' | 'live' = 'sasl'
  #due: string[] = []
  /** Stanzas of ours that the server has not acked, oldest first: the number of the message, or -1 for another kind. */
  readonly #unacked: number[] = []
  /** By the server's count, modulo 2^32. */
  #acked = 0
  /** Stanzas that came since stream management was enabled. */
  #handled = 0

  constructor(options: XmppOptions) {
    this.#options = options
    this.ready = this.#readiness.promise
    this.ready.catch(() => {})
    const decoder = new StringDecoder('utf8')
    this.#socket = connect({ host: '127.0.0.1', port: options.port, noDelay: true })
    this.#socket.once('connect', () => this.#openStream())
    this.#socket.on('data', (bytes) => this.#reader.push(decoder.write(bytes)))
    this.#socket.on('error', (error) => this.#readiness.reject(error))
    this.#socket.once('close', () => this.#readiness.reject(new Error('the stream ended before it was live')))
  }

  say(to: string, n: number): void {
    this.#send(`<message to='${to}' type='chat' id='${messageIdOf(n)}'><body>${xmlText(n)}</body></message>`, n)
  }

  /** With a closing tag: without one the server keeps the session, to be resumed, and pays for it (XEP-0198 section 5). */
  end(): void {
    this.#socket.write('</stream:stream>')
    // Nothing that comes from here on is heard.
    this.#socket.destroySoon()
  }

  #openStream(): void {
    const { domain } = this.#options
    this.#socket.write(
      `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`,
    )
  }

  /** A stanza that counts for stream management. */
  #send(stanza: string, n: number): void {
    this.#unacked.push(n)
    if (this.#due.push(stanza) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const due = this.#due
    this.#due = []
    if (this.#socket.writable) this.#socket.write(`${due.join('')}${ackRequest}`)
  }

  #hear(stanza: string): void {
    if (stanza.startsWith('<message')) this.#message(stanza)
    else if (stanza.startsWith('<r ')) this.#socket.write(`<a xmlns='${streamManagement}' h='${this.#handled}'/>`)
    else if (stanza.startsWith('<a ')) this.#acks(Number(attributeOf(stanza, 'h')))
    else if (stanza.startsWith('<presence')) this.#presence()
    else this.#negotiate(stanza)
  }

  #message(stanza: string): void {
    this.#handled++
    const n = numberOf(attributeOf(stanza, 'id'))
    if (attributeOf(stanza, 'type') === 'error') this.#options.ears.refused(n, stanza)
    else if (n >= 0) this.#options.ears.entry(this, n, 0)
  }

  #acks(handled: number): void {
    for (; this.#acked !== handled && this.#unacked.length > 0; this.#acked = (this.#acked + 1) >>> 0) {
      const n = this.#unacked.shift() as number
      if (n >= 0) this.#options.ears.acked(n)
    }
  }

  /** The first is one's own, told back: from then on messages come here. */
  #presence(): void {
    this.#handled++
    if (this.#step !== 'enabled') return
    this.#step = 'live'
    this.#readiness.resolve()
  }

  #negotiate(stanza: string): void {
    const { name, password, ears } = this.#options
    if (stanza.startsWith('<stream:stream')) return
    if (stanza.startsWith('<stream:features')) {
      if (this.#step === 'sasl') this.#socket.write(plainAuth(name, password))
      else
        this.#socket.write(`<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>`)
    } else if (stanza.startsWith('<success')) {
      this.#step = 'bind'
      this.#reader.restart()
      this.#openStream()
    } else if (stanza.startsWith('<iq') && this.#step === 'bind' && attributeOf(stanza, 'type') === 'result') {
      this.#step = 'bound'
      this.#socket.write(`<enable xmlns='${streamManagement}' resume='true'/>`)
    } else if (stanza.startsWith('<enabled')) {
      this.#step = 'enabled'
      this.#send('<presence/>', -1)
    } else if (stanza.startsWith('<iq')) this.#handled++
    else {
      this.#readiness.reject(new Error(stanza))
      ears.refused(-1, stanza)
    }
  }
}

const plainAuth = (name: string, password: string) =>
  `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from(`\0${name}\0${password}`).toString('base64')}</auth>`
