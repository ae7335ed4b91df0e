/**
 * The history of a run: one JSON object a line, in any order; `t` orders them. Every operation has a line when it begins (`invoke`)
 * and one when it ends: `ok`, `fail` (certainly not done) or `info` (may or may not have happened, Jepsen's rule). One without an
 * end counts as `info`. `proc` is the device id, or `server`, or `http` for what a plain HTTP client was answered at the end.
 */
import type { Digests } from './shown.ts'

interface Line {
  /** Microseconds of the machine's monotonic clock. */
  readonly t: number
  readonly proc: string
}

/** A command of the outbox. */
export type SendLine = Line & { readonly op: 'send'; readonly conv: string; readonly cmid: string } & (
    | {
        readonly type: 'invoke'
        readonly user: string
        readonly kind: string
        readonly target: number | null
        /** Of the body: `bodyHash`. */
        readonly hash: string
      }
    | { readonly type: 'ok'; readonly seq: number; readonly messageId: string }
    | { readonly type: 'fail' | 'info'; readonly code: string }
  )

/** A change of a group. `change` is the kind of the entry that it makes; `subject` the user it is about, or the new name. */
export type ChangeLine = Line & { readonly op: 'change'; readonly id: string } & (
    | { readonly type: 'invoke'; readonly user: string; readonly conv: string; readonly change: string; readonly subject: string }
    | { readonly type: 'ok' }
    | { readonly type: 'fail' | 'info'; readonly code: string }
  )

/** Typed into a web page: the client message id is the page's own. */
export type TypedLine = Line & {
  readonly op: 'typed'
  readonly type: 'invoke'
  readonly user: string
  readonly conv: string
  readonly hash: string
}

/** The application was told of the entries from..to, each once, in this order. */
export type DeliverLine = Line & {
  readonly op: 'deliver'
  readonly type: 'ok'
  readonly conv: string
  readonly from: number
  readonly to: number
}

/** The application was told to forget everything: what follows is told anew. */
export type ResetLine = Line & { readonly op: 'reset'; readonly type: 'info' }

/** `invoke`: the link is gone or the device starts. `ok`: everything missed has been told. */
export type ConnectLine = Line & { readonly op: 'connect'; readonly type: 'invoke' | 'ok' }

export type ReadLine = Line & {
  readonly op: 'read'
  readonly type: 'invoke'
  readonly user: string
  readonly conv: string
  readonly seq: number
}

/** The read cursor as this device shows it. */
export type CursorLine = Line & { readonly op: 'cursor'; readonly type: 'ok'; readonly conv: string; readonly read: number }

/** Frames with an entry that the device had already: allowed, counted (C13). */
export type RawLine = Line & { readonly op: 'raw'; readonly type: 'ok'; readonly frames: number; readonly repeated: number }

export type ServerLine = Line & { readonly op: 'server' } & (
    | { readonly type: 'invoke' }
    | { readonly type: 'ok' }
    /** kill -9, with this many operations under way. */
    | { readonly type: 'info'; readonly inFlight: number }
  )

/** What a device, or HTTP, shows of one conversation at the end. */
export type ViewLine = Line & {
  readonly op: 'view'
  readonly type: 'ok'
  readonly user: string
  readonly conv: string
  readonly head: number
  /** Unix ms of the last activity, which orders the list. */
  readonly at: number
  readonly read: number
  readonly unread: number
  readonly mentions: number
  /** Group name; null for direct. */
  readonly name: string | null
  readonly role: string | null
  readonly memberCount: number
  /** `direct`: the cursors of the other one. */
  readonly peer: { readonly delivered: number; readonly read: number } | null
  /** The entries held, folded; null where they were not read. */
  readonly entries: Digests | null
  /** Only the newest entries are held: a cache, not everything. */
  readonly isTail?: boolean
}

/** The rows of the conversation that a web page shows, from the top: seq, and the text of a message. */
export type ScreenLine = Line & {
  readonly op: 'screen'
  readonly type: 'ok'
  readonly user: string
  readonly conv: string
  readonly rows: readonly (readonly [seq: number, text: string | null])[]
}

/** The conversation list at the end, in order. */
export type ListLine = Line & { readonly op: 'list'; readonly type: 'ok'; readonly user: string; readonly order: readonly string[] }

export type HistoryLine =
  | SendLine
  | ChangeLine
  | TypedLine
  | DeliverLine
  | ResetLine
  | ConnectLine
  | ReadLine
  | CursorLine
  | RawLine
  | ServerLine
  | ViewLine
  | ScreenLine
  | ListLine

/** Throws on a line that is not JSON; unknown operations are left to the reader. */
export function parseHistory(text: string): HistoryLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): HistoryLine => JSON.parse(line))
}
