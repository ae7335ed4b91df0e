/**
 * Reads lines as our recorders write them: what stands between the values is known beforehand, so that a line is read straight through.
 * JSON.parse takes several times as long, most of it for making every name anew. A line in which something else stands is left to it:
 * from there on every value is empty, and `isAtEnd` says so.
 */
import type { Names } from './names.ts'
import type { Content } from './shown.ts'

/** A number of more digits may not be exact. */
const digitsMax = 15
const end = letters('}\n')
const nothing = letters('null')
const onlyText = letters('{"text":"')
const amendment = letters('{"target":')
const newText = letters(',"text":"')
const emojiAhead = letters(',"emoji":"')
const isOn = letters(',"on":true}')
const isOff = letters(',"on":false}')
const brace = letters('}')

// Bytes are compared with numbers, since constants of a module are loaded anew for each: 0x22 is ", 0x5c \, 0x7d }, 0x0a a new line.

/** Letters of ASCII, to be looked for four at a time. */
export interface Letters {
  readonly length: number
  /** Little-endian, without what is left over at the end. */
  readonly words: Uint32Array
  readonly rest: Uint8Array
}

export function letters(text: string): Letters {
  const bytes = Buffer.from(text)
  const words = Uint32Array.from({ length: bytes.length >>> 2 }, (_, i) => bytes.readUInt32LE(i * 4))
  return { length: bytes.length, words, rest: Uint8Array.from(bytes.subarray(words.length * 4)) }
}

export class LineReader {
  readonly #names: Names
  #bytes: Buffer = Buffer.alloc(0)
  #words = new DataView(this.#bytes.buffer, 0, 0)
  /** Of the bytes: of a DataView it is a call of its own. */
  #length = 0
  /** The same, a letter for each byte, once somebody asks for a text in it: which is no copy. */
  #text: string | undefined
  #at = 0
  #isUsual = true

  constructor(names: Names) {
    this.#names = names
  }

  /** From here on lines are read from `bytes`: whole lines, which stay as they are. */
  open(bytes: Buffer): void {
    this.#bytes = bytes
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#length = bytes.length
    this.#text = undefined
  }

  /** The line that begins there. */
  begin(at: number): void {
    this.#at = at
    this.#isUsual = true
  }

  /** How far it has been read. */
  get at(): number {
    return this.#at
  }

  /** Passes the letters, if it is they that follow. */
  passes({ length, words, rest }: Letters): boolean {
    const bytes = this.#words
    let at = this.#at
    if (at + length > this.#length) return false
    for (let i = 0; i < words.length; i++, at += 4) if (bytes.getUint32(at, true) !== words[i]) return false
    for (let i = 0; i < rest.length; i++, at++) if (bytes.getUint8(at) !== rest[i]) return false
    this.#at = at
    return true
  }

  /** Passes the end of the line. False when it does not follow, or something else has stood in the line. */
  isAtEnd(): boolean {
    return this.#isUsual && this.passes(end)
  }

  /** Passes whatever is left of the line. */
  skipRest(): void {
    this.#at = this.#bytes.indexOf(0x0a, this.#at) + 1
  }

  /** A whole number behind the letters. */
  number(ahead: Letters): number {
    return this.#isAhead(ahead) ? this.numberHere() : 0
  }

  /** A whole number, without letters ahead. */
  numberHere(): number {
    const bytes = this.#bytes
    const from = this.#at
    let value = 0
    let to = from
    for (let byte = bytes[to] as number; byte >= 0x30 && byte <= 0x39; byte = bytes[++to] as number) value = value * 10 + (byte - 0x30)
    const hasZeroAhead = bytes[from] === 0x30 && to > from + 1
    if (to === from || to - from > digitsMax || hasZeroAhead) this.#isUsual = false
    this.#at = to
    return value
  }

  numberOrNull(ahead: Letters): number | null {
    if (!this.#isAhead(ahead)) return null
    if (this.#bytes[this.#at] !== 0x6e) return this.numberHere()
    if (!this.passes(nothing)) this.#isUsual = false
    return null
  }

  /** A text that is the same string wherever it stands. */
  name(ahead: Letters): string {
    if (!this.#isAhead(ahead)) return ''
    const from = this.#at
    const place = this.#names.find(this.#words, from, this.#length)
    if (place === 0) return this.#newName(from)
    this.#at = from + this.#names.lengthAt(place) + 1
    return this.#names.nameAt(place)
  }

  /** A text of ASCII, for who keeps few: it is a part of the text of many lines, and keeps that too. */
  text(ahead: Letters): string {
    const from = this.#passText(ahead)
    return from < 0 ? '' : this.#slice(from, this.#at - 1)
  }

  /** A text of ASCII, as a string of its own. */
  keptText(ahead: Letters): string {
    const from = this.#passText(ahead)
    return from < 0 ? '' : this.#bytes.toString('latin1', from, this.#at - 1)
  }

  /** An object up to the last brace but one. A text in it is not kept. */
  content(ahead: Letters): Content {
    if (!this.#isAhead(ahead)) return {}
    const from = this.#at
    const usual = this.#usualContent()
    if (usual) return usual
    const to = this.#bytes.indexOf(0x0a, from) - 1
    this.#at = to
    try {
      const value: unknown = JSON.parse(this.#bytes.toString('utf8', from, to))
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
    } catch {
      // The line may have more fields; what is wrong with it is said by who parses all of it.
    }
    this.#isUsual = false
    return {}
  }

  /** Of a plain message, an edit, a deletion or a reaction; undefined when it is none of them, or when JSON spells some of it otherwise. */
  #usualContent(): Content | undefined {
    if (this.passes(onlyText)) {
      const text = this.#wholeText()
      return text === undefined ? undefined : { text }
    }
    if (!this.passes(amendment)) return undefined
    const target = this.numberHere()
    const content = this.#restOfAmendment(target)
    if (this.#isUsual) return content
    // Its line may be usual all the same.
    this.#isUsual = true
    return undefined
  }

  #restOfAmendment(target: number): Content | undefined {
    if (this.passes(brace)) return { target }
    if (this.passes(newText)) {
      const text = this.#wholeText()
      return text === undefined ? undefined : { target, text }
    }
    const emoji = this.name(emojiAhead)
    if (this.passes(isOn)) return { target, emoji, on: true }
    return this.passes(isOff) ? { target, emoji, on: false } : undefined
  }

  #isAhead(ahead: Letters): boolean {
    if (this.#isUsual && this.passes(ahead)) return true
    this.#isUsual = false
    return false
  }

  #slice(from: number, to: number): string {
    this.#text ??= this.#bytes.toString('latin1')
    return this.#text.slice(from, to)
  }

  #newName(from: number): string {
    const bytes = this.#bytes
    let to = from
    for (let byte = bytes[to] as number; byte !== 0x22; byte = bytes[++to] as number)
      if (byte === 0x5c || byte < 0x20) {
        this.#isUsual = false
        return ''
      }
    this.#at = to + 1
    return this.#names.add(bytes, from, to)
  }

  /** Of ASCII: in others a letter is not a byte. Answers where it begins, or -1. */
  #passText(ahead: Letters): number {
    if (!this.#isAhead(ahead)) return -1
    const bytes = this.#bytes
    const from = this.#at
    let to = from
    for (let byte = bytes[to] as number; byte !== 0x22; byte = bytes[++to] as number)
      if (byte === 0x5c || byte < 0x20 || byte > 0x7f) {
        this.#isUsual = false
        return -1
      }
    this.#at = to + 1
    return from
  }

  /** The last of an object: undefined when it is not, or when JSON spells some of it otherwise. */
  #wholeText(): string | undefined {
    const bytes = this.#bytes
    const from = this.#at
    let all = 0
    let to = from
    for (let byte = bytes[to] as number; byte !== 0x22; byte = bytes[++to] as number) {
      if (byte === 0x5c || byte < 0x20) return undefined
      all |= byte
    }
    if (bytes[to + 1] !== 0x7d) return undefined
    this.#at = to + 2
    return all < 0x80 ? this.#slice(from, to) : bytes.toString('utf8', from, to)
  }
}
