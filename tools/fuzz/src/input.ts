/**
 * What the fuzzer sends. Texts are templates: `{{token}}`, `{{group}}` and their like stand for what the life that sends them has
 * (`life.ts`), so an input that was kept means the same in every life, and in a report.
 */

/** How far a socket has come before the input: connected, greeted by `hello`, or resumed. */
export type SocketState = 'fresh' | 'greeted' | 'live'

/** A WebSocket frame; `first` is its first byte: FIN, reserved bits and opcode. */
export interface WireFrame {
  readonly first: number
  readonly payload: string
  readonly masked: boolean
}

export interface FrameInput {
  readonly via: 'frame'
  readonly state: SocketState
  readonly frames: readonly WireFrame[]
  /** So many bytes at the end are not sent. */
  readonly lost: number
}

export interface HttpInput {
  readonly via: 'http'
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | null
}

/** Bytes (latin1) on a new connection, which is then ended. */
export interface BytesInput {
  readonly via: 'bytes'
  readonly bytes: string
}

export type Input = FrameInput | HttpInput | BytesInput

export const plainFrame = (payload: string): WireFrame => ({ first: 0x81, payload, masked: true })

/** One whole text message, in whatever fragments: a session in good order goes on after it. */
export function isOrderly({ frames, lost }: FrameInput): boolean {
  const last = frames.length - 1
  return lost === 0 && frames.every(({ first, masked }, at) => masked && first === ((at === last ? 0x80 : 0) | (at === 0 ? 1 : 0)))
}

export const textOf = ({ frames }: FrameInput): string => frames.map(({ payload }) => payload).join('')

/** One word that survives any shell: for `--repeat`. */
export const packed = (input: Input): string => Buffer.from(JSON.stringify(input)).toString('base64url')
export const unpacked = (word: string): Input => JSON.parse(Buffer.from(word, 'base64url').toString()) as Input
