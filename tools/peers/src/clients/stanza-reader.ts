/**
 * Cuts a stream of XMPP (RFC 6120 section 4) into stanzas: the elements that stand directly inside of `<stream:stream>`. XMPP allows no
 * comments and no processing instructions, so counting tags is enough; a `>` inside of a quoted attribute is none.
 */
export class StanzaReader {
  readonly #hear: (stanza: string) => void
  #text = ''
  /** Where the next look for a tag begins. */
  #at = 0
  /** Where the stanza began that is being read. */
  #from = 0
  #depth = 0

  /** `hear` is called with each whole stanza, and with the opening tag of a stream. */
  constructor(hear: (stanza: string) => void) {
    this.#hear = hear
  }

  /** A new stream begins, as after SASL. */
  restart(): void {
    this.#depth = 0
  }

  push(text: string): void {
    this.#text += text
    for (;;) {
      const open = this.#text.indexOf('<', this.#at)
      if (open < 0) break
      const close = endOfTag(this.#text, open)
      if (close < 0) {
        this.#at = open
        break
      }
      this.#at = close + 1
      this.#tag(open, close)
    }
    this.#text = this.#text.slice(this.#from)
    this.#at -= this.#from
    this.#from = 0
  }

  #tag(open: number, close: number): void {
    const first = this.#text.charCodeAt(open + 1)
    if (first === question) return
    if (this.#depth === 0) {
      this.#depth = 1
      this.#from = this.#at
      this.#hear(this.#text.slice(open, this.#at))
      return
    }
    if (this.#depth === 1) this.#from = open
    if (first === slash) this.#depth--
    else if (this.#text.charCodeAt(close - 1) !== slash) this.#depth++
    if (this.#depth > 1) return
    const stanza = this.#text.slice(this.#from, this.#at)
    this.#from = this.#at
    this.#hear(stanza)
  }
}

const [question, slash] = [0x3f, 0x2f]

/** Where the `>` of the tag stands that begins at `open`, or -1 when it has not come yet. */
function endOfTag(text: string, open: number): number {
  let at = open + 1
  for (;;) {
    const close = text.indexOf('>', at)
    if (close < 0) return -1
    const quote = /["']/.exec(text.slice(at, close))
    if (quote === null) return close
    const from = at + quote.index
    const end = text.indexOf(quote[0], from + 1)
    if (end < 0) return -1
    at = end + 1
  }
}

/** The value of an attribute of the stanza's own tag, as it is written, or null. */
export function attributeOf(stanza: string, name: string): string | null {
  const own = stanza.slice(0, endOfTag(stanza, 0))
  return new RegExp(`\\s${name}=(["'])(.*?)\\1`, 's').exec(own)?.[2] ?? null
}

/** What may stand as text, or in an attribute. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;')
}
