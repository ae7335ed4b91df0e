/**
 * The history of a run: one JSON object a line, in any order; `t` orders them, and what one device wrote at the same `t` stands in its
 * order. Every operation has a line when it begins (`invoke`) and one when it ends: `ok`, `fail` (certainly not done) or `info` (may
 * or may not have happened, Jepsen's rule). One without an end counts as `info`. docs/delivery.md describes the same for people.
 */
import type { Bounds } from './bounds.ts'
import type { Digests } from './shown.ts'

interface Line {
  /** Microseconds of one clock that never goes back: the machine's, or the simulated one. */
  readonly t: number
  /** The device's id; `http` for what a plain HTTP client was answered at the end; `run` for the run itself. */
  readonly proc: string
  /** Where it stands in its file, from 1: put there by who reads a file. */
  readonly line?: number
}

/** What the run was, and by which bounds it wants to be judged. */
export type RunLine = Line & {
  readonly op: 'run'
  readonly type: 'info'
  /** Repeats it. */
  readonly command: string
  readonly bounds: Partial<Bounds>
}

/** A command that appends. A retry with the same id is the same operation: `info` (the answer was lost) may be followed by `ok`. */
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

/** The application was told of the entries from..to, each once, in this order, the last of them at `t`. */
export type DeliverLine = Line & {
  readonly op: 'deliver'
  readonly type: 'ok'
  readonly conv: string
  readonly from: number
  readonly to: number
  /** Of those that came live, the longest time from append to application, in ms. */
  readonly lagMs?: number
}

/** The application was told to forget everything: what follows is told anew. */
export type ResetLine = Line & { readonly op: 'reset'; readonly type: 'info' }

/** The application ended without warning: what its store had not noted yet is told once more, and nothing is left out. */
export type CrashLine = Line & {
  readonly op: 'crash'
  readonly type: 'info'
  /** By conversation: the read cursors that were shown and that its store has. Left out: nobody knows what it has. */
  readonly kept?: Readonly<Record<string, number>>
}

/** `invoke`: the link is gone, or the device starts. `ok`: everything missed has been told. `info`: it went away by its own will. */
export type ConnectLine = Line & { readonly op: 'connect' } & (
    | { readonly type: 'invoke'; readonly user: string }
    | { readonly type: 'ok' | 'info' }
  )

export type ReadLine = Line & {
  readonly op: 'read'
  readonly type: 'invoke'
  readonly user: string
  readonly conv: string
  readonly seq: number
}

/** The read cursor as this device shows it. */
export type CursorLine = Line & { readonly op: 'cursor'; readonly type: 'ok'; readonly conv: string; readonly read: number }

/** Entry frames that came over the wire since the last such line, and those of them that the device had already. */
export type RawLine = Line & { readonly op: 'raw'; readonly type: 'ok'; readonly frames: number; readonly repeated: number }

/** A fault strikes (`invoke`) and is healed (`ok`): kill to the next answer, cut to mended, stop to continue. */
export type FaultLine = Line & { readonly op: 'fault'; readonly id: string } & (
    | { readonly type: 'invoke'; readonly kind: string }
    | { readonly type: 'ok' }
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

/** The conversation list at the end, in order: what a device shows when all is quiet. */
export type ListLine = Line & { readonly op: 'list'; readonly type: 'ok'; readonly user: string; readonly order: readonly string[] }

export type HistoryLine =
  | RunLine
  | SendLine
  | ChangeLine
  | TypedLine
  | DeliverLine
  | ResetLine
  | CrashLine
  | ConnectLine
  | ReadLine
  | CursorLine
  | RawLine
  | FaultLine
  | ViewLine
  | ScreenLine
  | ListLine

/** The line of an operation at one of its ends. */
export type LineOf<Op extends HistoryLine['op'], Type extends HistoryLine['type']> = HistoryLine extends infer L
  ? L extends { readonly op: Op; readonly type: infer T }
    ? Type extends T
      ? L
      : never
    : never
  : never
