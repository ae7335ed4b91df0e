/** Some letters of ASCII, looked for four at a time. */
export class Letters {
  readonly text: string
  readonly length: number
  readonly #bytes: Uint8Array
  /** Little-endian, without what is left over at the end. */
  readonly #words: Uint32Array

  constructor(text: string) {
    const bytes = Buffer.from(text)
    this.text = text
    this.length = bytes.length
    this.#bytes = Uint8Array.from(bytes)
    this.#words = Uint32Array.from({ length: bytes.length >>> 2 }, (_, i) => bytes.readUInt32LE(i * 4))
  }

  /** Whether they stand there. */
  isAt(bytes: DataView, from: number): boolean {
    if (from + this.length > bytes.byteLength) return false
    const words = this.#words
    for (let i = 0; i < words.length; i++) if (bytes.getUint32(from + i * 4, true) !== words[i]) return false
    for (let i = words.length * 4; i < this.length; i++) if (bytes.getUint8(from + i) !== this.#bytes[i]) return false
    return true
  }
}
