/** Frames to bytes: once per frame, whoever gets it. */
import type { DownFrame, DownFrameOf } from '@godwit/protocol/down.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import { errorTable } from '@godwit/protocol/error-table.ts'
import type { GodwitError } from '@godwit/protocol/errors.ts'
import type { Frame } from '../ports/socket.ts'
import type { About } from './about.ts'

export function encodeDown(frame: DownFrame): Frame {
  return Buffer.from(JSON.stringify(frame))
}

/** Shared by every session of every recipient, so it holds nothing that belongs to one of them. */
export function encodeEntry(entry: Entry): Frame {
  return Buffer.from(JSON.stringify({ type: 'entry', entry }))
}

/** `message` is the text of the table; what is particular to this refusal is in `detail`. */
export function errorFrame(error: GodwitError, about: About): DownFrameOf<'error'> {
  return {
    type: 'error',
    code: error.code,
    message: errorTable[error.code].message,
    ...(error.detail !== undefined && { detail: error.detail }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    ...about,
  }
}
