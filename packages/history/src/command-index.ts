/**
 * The entries of one conversation by sender and client message id: a hash table over their places. A Map of a million texts takes four
 * times as long, most of it waiting for memory. What was added to the log is taken in when somebody asks.
 */
import type { Stored } from './stored.ts'

export class CommandIndex {
  readonly #log: readonly Stored[]
  /** Of the client message id of each entry. */
  #hashes = new Int32Array(8)
  /** Places in the log, from 1; 0 where there is none. At least half of them are free. */
  #slots = new Int32Array(16)
  #count = 0

  /** `log` is that of the conversation, to which entries are added. */
  constructor(log: readonly Stored[]) {
    this.#log = log
  }

  /** The entry that a command made: the first, should there be two. */
  find(sender: string, cmid: string): Stored | undefined {
    while (this.#count < this.#log.length) this.#takeIn(this.#log[this.#count] as Stored)
    const place = this.#slots[this.#slotOf(sender, cmid, hashOf(cmid))] as number
    return this.#log[place - 1]
  }

  #takeIn({ senderId, cmid }: Stored): void {
    if (this.#count === this.#hashes.length) this.#grow()
    const hash = hashOf(cmid)
    this.#hashes[this.#count++] = hash
    const slot = this.#slotOf(senderId, cmid, hash)
    if (this.#slots[slot] === 0) this.#slots[slot] = this.#count
  }

  /** Where the command stands, or where it belongs. */
  #slotOf(sender: string, cmid: string, hash: number): number {
    const last = this.#slots.length - 1
    let slot = hash & last
    for (;;) {
      const place = this.#slots[slot] as number
      if (place === 0) return slot
      if (this.#hashes[place - 1] === hash) {
        const entry = this.#log[place - 1] as Stored
        if (entry.cmid === cmid && entry.senderId === sender) return slot
      }
      slot = (slot + 1) & last
    }
  }

  #grow(): void {
    const hashes = new Int32Array(this.#hashes.length * 2)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 2)
    const last = this.#slots.length - 1
    for (const place of old) {
      if (place === 0) continue
      let slot = (hashes[place - 1] as number) & last
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last
      this.#slots[slot] = place
    }
  }
}

/** FNV-1a, with its high bits mixed into the low ones. */
function hashOf(text: string): number {
  let hash = 2_166_136_261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619)
  return hash ^ (hash >>> 15)
}
