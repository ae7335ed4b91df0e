/**
 * Names of devices, users and conversations as files spell them: each is one string however often it is read. So a million lines cost no
 * memory for names, and looking one up in a Map takes no comparing of letters.
 */
export class Names {
  readonly #names: string[] = ['']
  /** The bytes of all names one after the other, and where each begins; place 0 is nobody's. */
  #bytes = new Uint8Array(1 << 16)
  #starts = new Int32Array(1 << 10).fill(0, 0, 2)
  #hashes = new Int32Array(1 << 10)
  /** Places of names by their hash; 0 where there is none. At least half of them are free. */
  #slots = new Int32Array(1 << 11)

  /** The name that stands in `bytes` from..to. `hash` is that of its bytes: see `mix`. */
  at(bytes: Uint8Array, from: number, to: number, hash: number): string {
    const last = this.#slots.length - 1
    let slot = (hash ^ (hash >>> 15)) & last
    for (let place = this.#slots[slot] as number; place > 0; place = this.#slots[slot] as number) {
      if (this.#hashes[place] === hash && this.#isAt(place, bytes, from, to)) return this.#names[place] as string
      slot = (slot + 1) & last
    }
    return this.#add(bytes, from, to, hash, slot)
  }

  /** The one string for a name that was read otherwise. */
  of(name: string): string {
    const bytes = Buffer.from(name)
    return this.at(bytes, 0, bytes.length, bytes.reduce(mix, 0))
  }

  #isAt(place: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[place] as number
    if ((this.#starts[place + 1] as number) - start !== to - from) return false
    for (let i = from; i < to; i++) if (bytes[i] !== this.#bytes[start + i - from]) return false
    return true
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number, slot: number): string {
    const name = Buffer.from(bytes.subarray(from, to)).toString()
    const place = this.#names.push(name) - 1
    const start = this.#starts[place] as number
    const end = start + to - from
    while (end > this.#bytes.length) this.#bytes = widened(this.#bytes, Uint8Array)
    this.#bytes.set(bytes.subarray(from, to), start)
    if (place + 1 === this.#starts.length) {
      this.#starts = widened(this.#starts, Int32Array)
      this.#hashes = widened(this.#hashes, Int32Array)
    }
    this.#starts[place + 1] = end
    this.#hashes[place] = hash
    this.#slots[slot] = place
    if (place * 2 === this.#slots.length) this.#rehash()
    return name
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2)
    const last = this.#slots.length - 1
    for (let place = 1; place < this.#names.length; place++) {
      const hash = this.#hashes[place] as number
      let slot = (hash ^ (hash >>> 15)) & last
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last
      this.#slots[slot] = place
    }
  }
}

/** The hash of some bytes and one more; of none it is 0. */
export function mix(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0
}

function widened<A extends Uint8Array | Int32Array>(array: A, Type: new (length: number) => A): A {
  const wide = new Type(array.length * 2)
  wide.set(array)
  return wide
}
