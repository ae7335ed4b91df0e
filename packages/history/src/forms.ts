/**
 * Reads the lines that files mostly consist of: those in a known form, which differ in their values only. JSON.parse takes more than twice
 * as long, most of it for making every name anew. What is in no known form is left to it.
 *
 * A form is the text of a line with a slot for each value: # for a whole number, ? for one or null, @ for a name, $ for a text, ~ for a text
 * that is not kept, & for an object up to the last brace but one, and * for whatever follows up to the end of the line.
 */
import { Letters } from './letters.ts'
import { mix, type Names } from './names.ts'

export interface Form<T> {
  readonly text: string
  /** `values` are those of the slots, in an array that is used again for the next line. */
  readonly make: (values: readonly unknown[], line: number) => T
}

/** The letters up to a slot, and what may follow it: forms that begin alike share them. */
interface Part<T> {
  readonly letters: Letters
  readonly slot: string
  readonly next: Part<T>[]
  /** At the end of a line. */
  readonly make: Form<T>['make'] | undefined
}

const code = (char: string) => char.charCodeAt(0)
const [quote, backslash, space, zero, nine, n, newline] = [code('"'), code('\\'), code(' '), code('0'), code('9'), code('n'), code('\n')]
/** A number of more digits may not be exact. */
const digitsMax = 15

export class Forms<T> {
  readonly #names: Names
  readonly #roots: Part<T>[] = []
  readonly #values: unknown[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #words = new DataView(this.#bytes.buffer, 0, 0)
  /** The same, a letter for each byte: a text in it is no copy. */
  #text = ''
  #at = 0

  constructor(forms: readonly Form<T>[], names: Names) {
    this.#names = names
    for (const form of forms) this.#plant(form)
  }

  /** From here on lines are read from `bytes`: whole lines, which stay as they are. */
  open(bytes: Buffer): void {
    this.#bytes = bytes
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#text = bytes.toString('latin1')
  }

  /** Where the line that was read ends. */
  get end(): number {
    return this.#at
  }

  /** The line that begins at `from`; undefined when it is in no known form. */
  read(from: number, line: number): T | undefined {
    this.#at = from
    let parts = this.#roots
    for (let count = 0; ; count++) {
      const part = this.#partAt(parts)
      if (!part) return undefined
      this.#at += part.letters.length
      if (part.make) return part.make(this.#values, line)
      const value = this.#readValue(part.slot)
      if (value === undefined) return undefined
      this.#values[count] = value
      parts = part.next
    }
  }

  #partAt(parts: readonly Part<T>[]): Part<T> | undefined {
    for (const part of parts) if (part.letters.isAt(this.#words, this.#at)) return part
    return undefined
  }

  #readValue(slot: string): unknown {
    switch (slot) {
      case '#':
        return this.#readNumber()
      case '?':
        return this.#bytes[this.#at] === n ? this.#readNull() : this.#readNumber()
      case '@':
        return this.#readName()
      case '$':
      case '~':
        return this.#readText(slot)
      case '*':
        return this.#skipRest()
      default:
        return this.#readObject()
    }
  }

  #readNumber(): number | undefined {
    const bytes = this.#bytes
    const from = this.#at
    let value = 0
    let to = from
    for (let byte = bytes[to] as number; byte >= zero && byte <= nine; byte = bytes[++to] as number) value = value * 10 + byte - zero
    const hasZeroAhead = bytes[from] === zero && to > from + 1
    if (to === from || to - from > digitsMax || hasZeroAhead) return undefined
    this.#at = to
    return value
  }

  #readNull(): null | undefined {
    const from = this.#at
    this.#at += 4
    return this.#text.startsWith('null', from) ? null : undefined
  }

  #readName(): string | undefined {
    const bytes = this.#bytes
    const from = this.#at
    let hash = 0
    let to = from
    for (let byte = bytes[to] as number; byte !== quote; byte = bytes[++to] as number) {
      if (byte === backslash || byte < space) return undefined
      hash = mix(hash, byte)
    }
    this.#at = to
    return this.#names.at(bytes, from, to, hash)
  }

  /** Of ASCII: in others a letter is not a byte. One that is not kept is a part of the text of all lines, which it would keep too. */
  #readText(slot: string): string | undefined {
    const bytes = this.#bytes
    const from = this.#at
    let to = from
    for (let byte = bytes[to] as number; byte !== quote; byte = bytes[++to] as number)
      if (byte === backslash || byte < space || byte > 0x7f) return undefined
    this.#at = to
    return slot === '~' ? this.#text.slice(from, to) : bytes.toString('latin1', from, to)
  }

  #readObject(): object | undefined {
    const from = this.#at
    const to = this.#bytes.indexOf(newline, from) - 1
    this.#at = to
    try {
      const value: unknown = JSON.parse(this.#bytes.toString('utf8', from, to))
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
    } catch {
      // The line may have more fields; what is wrong with it is said by who parses all of it.
      return undefined
    }
  }

  #skipRest(): true {
    this.#at = this.#bytes.indexOf(newline, this.#at)
    return true
  }

  #plant({ text, make }: Form<T>): void {
    let parts = this.#roots
    for (const [, letters = '', slot = ''] of `${text}\n`.matchAll(/([^#?@$~&*]+)([#?@$~&*]?)/g)) {
      let part = parts.find((known) => known.slot === slot && known.letters.text === letters)
      if (!part) {
        part = { letters: new Letters(letters), slot, next: [], make: slot === '' ? make : undefined }
        parts.push(part)
      }
      parts = part.next
    }
  }
}
