/**
 * Names of devices, users and conversations as files spell them: each is one string however often it is read. So a million lines cost no
 * memory for names, and looking one up in a Map takes no comparing of letters.
 *
 * A name is found by the first bytes from where it begins, before anybody knows where it ends, and compared four bytes at a time, its quote
 * included. One that is shorter than that has a place for everything that it was followed by: a few. Of names that all begin alike the
 * first few have a place, and the others are looked up as texts.
 */
export class Names {
  readonly #known = new Map<string, string>()
  readonly #names: string[] = ['']
  /** The bytes of all names with their quotes, little-endian; the last word of each is filled up with zeros. Place 0 is nobody's. */
  #words = new Int32Array(1 << 14)
  /** Where the words of each begin, and of the next. */
  readonly #starts: number[] = [0, 0]
  /** In bytes, without the quote. */
  readonly #lengths: number[] = [0]
  readonly #hashes: number[] = [0]
  /** Places of names by the hash of their first bytes; 0 where there is none. At least half of them are free. */
  #slots = new Int32Array(1 << 11)

  /** The place of the name that stands in the first `length` bytes at `from`; 0 when it is not known, or is too near to their end. */
  find(bytes: DataView, from: number, length: number): number {
    if (from + headBytes > length) return 0
    const last = this.#slots.length - 1
    let slot = hashAt(bytes, from) & last
    for (let looks = 0; looks < looksMax; looks++) {
      const place = this.#slots[slot] as number
      if (place === 0 || this.#isAt(place, bytes, from, length)) return place
      slot = (slot + 1) & last
    }
    return 0
  }

  nameAt(place: number): string {
    return this.#names[place] as string
  }

  /** In bytes. */
  lengthAt(place: number): number {
    return this.#lengths[place] as number
  }

  /** The one string for a name. */
  of(name: string): string {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    this.#known.set(name, name)
    return name
  }

  /** The one string for the name that stands in `bytes` from..to, a quote behind it, and was not found. From now on it is. */
  add(bytes: Buffer, from: number, to: number): string {
    const name = this.of(bytes.toString('utf8', from, to))
    if (from + headBytes > bytes.length) return name
    const hash = hashAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), from)
    const slot = this.#freeSlot(hash)
    if (slot === null) return name
    const place = this.#names.push(name) - 1
    const start = this.#starts[place] as number
    const end = start + ((to - from) >>> 2) + 1
    while (end > this.#words.length) this.#words = widened(this.#words)
    new Uint8Array(this.#words.buffer).set(bytes.subarray(from, to + 1), start * 4)
    this.#starts.push(end)
    this.#lengths.push(to - from)
    this.#hashes.push(hash)
    this.#slots[slot] = place
    if (place * 2 >= this.#slots.length) this.#widenSlots()
    return name
  }

  #isAt(place: number, bytes: DataView, from: number, length: number): boolean {
    const quoted = (this.#lengths[place] as number) + 1
    const left = quoted & 3
    const end = from + quoted - left
    if (end + 4 > length) return false
    let word = this.#starts[place] as number
    for (let at = from; at < end; at += 4) if (bytes.getInt32(at, true) !== this.#words[word++]) return false
    return left === 0 || (bytes.getInt32(end, true) & ~(-1 << (left * 8))) === this.#words[word]
  }

  /** null when too many begin alike. */
  #freeSlot(hash: number): number | null {
    const last = this.#slots.length - 1
    for (let looks = 0; looks < looksMax; looks++) {
      const slot = (hash + looks) & last
      if (this.#slots[slot] === 0) return slot
    }
    return null
  }

  #widenSlots(): void {
    this.#slots = new Int32Array(this.#slots.length * 2)
    for (const [place, hash] of this.#hashes.entries()) {
      const slot = place === 0 ? null : this.#freeSlot(hash)
      if (slot !== null) this.#slots[slot] = place
    }
  }
}

const headBytes = 12
/** Slots that are looked at for one name. */
const looksMax = 16

function hashAt(bytes: DataView, from: number): number {
  let hash = bytes.getInt32(from, true)
  for (let at = from + 4; at < from + headBytes; at += 4) hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ bytes.getInt32(at, true)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return hash ^ (hash >>> 15)
}

function widened(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(words.length * 2)
  wide.set(words)
  return wide
}
