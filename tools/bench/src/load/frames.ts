/** WebSocket frames as a client writes and reads them (RFC 6455 section 5.2), with as little work as that can be. */

const finalText = 0x81
const finalPong = 0x8a
const masked = 0x80
/** A mask of zeros leaves the payload as it is; the server has the same work with it as with any other. */
const maskBytes = 4

/** All these texts behind each other, each a masked frame. */
export function encodeFrames(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text))
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerBytes(length) + length, 0))
  let at = 0
  for (const [index, text] of texts.entries()) {
    at = writeHeader(bytes, at, finalText, lengths[index] as number)
    at += bytes.write(text, at)
  }
  return bytes
}

/** The answer to a ping: its payload goes back. */
export function encodePong(payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes(payload.length) + payload.length)
  payload.copy(bytes, writeHeader(bytes, 0, finalPong, payload.length))
  return bytes
}

const headerBytes = (length: number) => (length < 126 ? 2 : length < 65_536 ? 4 : 10) + maskBytes

function writeHeader(target: Buffer, at: number, first: number, length: number): number {
  target[at] = first
  let next = at + 2
  if (length < 126) target[at + 1] = masked | length
  else if (length < 65_536) {
    target[at + 1] = masked | 126
    next = target.writeUInt16BE(length, next)
  } else {
    target[at + 1] = masked | 127
    next = target.writeBigUInt64BE(BigInt(length), next)
  }
  target.fill(0, next, next + maskBytes)
  return next + maskBytes
}

/** Where the payload of a frame stands; only valid during the call. */
export type HearFrame = (bytes: Buffer, from: number, to: number) => void

export interface FrameEars {
  readonly text: HearFrame
  readonly ping: HearFrame
  /** The close code, or 1005 when there was none. */
  readonly close: (code: number) => void
}

/**
 * Tells of each whole frame from `from` on; answers where the first frame begins that is not all there. Frames of a server are not
 * masked, and those that are measured do not fragment.
 */
export function decodeFrames(bytes: Buffer, from: number, to: number, ears: FrameEars): number {
  let at = from
  while (to - at >= 2) {
    let length = (bytes[at + 1] as number) & 0x7f
    let payload = at + 2
    if (length === 126) {
      if (to - at < 4) break
      length = bytes.readUInt16BE(payload)
      payload += 2
    } else if (length === 127) {
      if (to - at < 10) break
      length = Number(bytes.readBigUInt64BE(payload))
      payload += 8
    }
    if (to - payload < length) break
    const opcode = (bytes[at] as number) & 0x0f
    if (opcode === 1) ears.text(bytes, payload, payload + length)
    else if (opcode === 9) ears.ping(bytes, payload, payload + length)
    else if (opcode === 8) ears.close(length >= 2 ? bytes.readUInt16BE(payload) : 1005)
    at = payload + length
  }
  return at
}
