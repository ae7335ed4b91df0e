import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attributeOf, escapeXml, StanzaReader } from './stanza-reader.ts'

/** As ejabberd 23.01 writes them. */
const opening =
  "<stream:stream id='15799545935808022517' version='1.0' xml:lang='en' xmlns:stream='http://etherx.jabber.org/streams' from='localhost' xmlns='jabber:client'>"
const stanzas = [
  "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session><sm xmlns='urn:xmpp:sm:3'/></stream:features>",
  "<r xmlns='urn:xmpp:sm:3'/>",
  "<message xml:lang='en' to='u1@localhost' from='u2@localhost/r' type='chat' id='b1-7'><stanza-id by='u1@localhost' id='1795803040046417' xmlns='urn:xmpp:sid:0'/><body>Bringst du das Seil mit? 3 &gt; 2 &amp; wir sind zu viert, 李</body></message>",
  "<a h='2' xmlns='urn:xmpp:sm:3'/>",
  `<presence from="o'brien@localhost/a>b" to='u1@localhost/r'><status>back at 5 > 4 /</status></presence>`,
]
const stream = `<?xml version='1.0'?>${opening}${stanzas.join('')}`

test('stanzas come out whole, wherever the stream is cut', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: stream.length - 1 })).map((list) => list.sort((a, b) => a - b))
  fc.assert(
    fc.property(cuts, (list) => {
      const heard: string[] = []
      const reader = new StanzaReader((stanza) => heard.push(stanza))
      for (const [from, to] of [...list, stream.length].map((to, i) => [list[i - 1] ?? 0, to] as const)) reader.push(stream.slice(from, to))
      expect(heard).toEqual([opening, ...stanzas])
    }),
  )
})

test('a stream that starts anew inside of what was heard, as after SASL, is read as one', () => {
  const heard: string[] = []
  const reader = new StanzaReader((stanza) => {
    heard.push(stanza)
    if (stanza.startsWith('<success')) reader.restart()
  })
  reader.push(`${opening}<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`)
  reader.push(stream)
  expect(heard.slice(2)).toEqual([opening, ...stanzas])
})

test('what has been read is not kept', () => {
  const reader = new StanzaReader(() => {})
  reader.push(opening)
  const kept = () => JSON.stringify(Object.values(reader)).length
  const before = kept()
  for (let i = 0; i < 1_000; i++) {
    reader.push(`${stanzas[2]}${stanzas[3]?.slice(0, 5)}`)
    reader.push(stanzas[3]?.slice(5) ?? '')
  }
  expect(kept()).toBeLessThan(before + 500)
})

test('an attribute is one of the stanza itself, not of what is in it', () => {
  expect(attributeOf(stanzas[2] as string, 'id')).toBe('b1-7')
  expect(attributeOf(stanzas[3] as string, 'h')).toBe('2')
  expect(attributeOf(stanzas[4] as string, 'from')).toBe("o'brien@localhost/a>b")
  expect(attributeOf('<iq><query id="5"/></iq>', 'id')).toBeNull()
})

test('text of any kind survives as text', () => {
  expect(escapeXml(`<b> & "it's"`)).toBe('&lt;b&gt; &amp; &quot;it&apos;s&quot;')
})
