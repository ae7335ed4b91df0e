/**
 * Frames to the network in one write (RFC 6455 section 5.2; frames of a server are not masked).
 *
 * Small frames are copied behind each other with their headers: one buffer and one system call, where `ws.send` would queue two
 * buffers and make a header object for each. Large ones are handed on as they are, shared by all their receivers.
 */
import type { Duplex } from 'node:stream'
import type { Frame } from '@godwit/server/ports/socket.ts'

const finalText = 0x81
/** From here on copying costs more than one more buffer in the write. */
const copyBytesMax = 4 * 1024

/** Hands frames to a connection in one write. */
export type WriteFrames = (stream: Duplex, frames: readonly Frame[]) => void

/** For all connections: it remembers what it wrote last, which to the members of a group is the same, one after the other. */
export function createFrameWriter(): WriteFrames {
  let last: { readonly frames: readonly Frame[]; readonly buffers: readonly Buffer[] } = { frames: [], buffers: [] }
  return (stream, frames) => {
    if (!areSame(frames, last.frames)) last = { frames, buffers: framed(frames) }
    const { buffers } = last
    if (buffers.length > 1) stream.cork()
    for (const buffer of buffers) stream.write(buffer)
    if (buffers.length > 1) stream.uncork()
  }
}

const areSame = (some: readonly Frame[], others: readonly Frame[]) =>
  some === others || (some.length === others.length && some.every((frame, i) => frame === others[i]))

/** The frames with their headers, in as few buffers as are worth it. */
export function framed(frames: readonly Frame[]): Buffer[] {
  const buffers: Buffer[] = []
  let run = Buffer.allocUnsafe(copiedBytes(frames))
  let at = 0
  for (const frame of frames) {
    at = writeHeader(run, at, frame.length)
    if (frame.length <= copyBytesMax) {
      at += frame.copy(run, at)
      continue
    }
    buffers.push(run.subarray(0, at), frame)
    run = run.subarray(at)
    at = 0
  }
  if (at > 0) buffers.push(run.subarray(0, at))
  return buffers
}

function copiedBytes(frames: readonly Frame[]): number {
  let bytes = 0
  for (const { length } of frames) bytes += headerBytes(length) + (length <= copyBytesMax ? length : 0)
  return bytes
}

const headerBytes = (length: number) => (length < 126 ? 2 : length < 65_536 ? 4 : 10)

/** Answers where the payload begins. */
function writeHeader(target: Buffer, at: number, length: number): number {
  target[at] = finalText
  if (length < 126) {
    target[at + 1] = length
    return at + 2
  }
  if (length < 65_536) {
    target[at + 1] = 126
    return target.writeUInt16BE(length, at + 2)
  }
  target[at + 1] = 127
  target.writeUInt32BE(0, at + 2)
  return target.writeUInt32BE(length, at + 6)
}
