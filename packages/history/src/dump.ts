/** The raw log and the cursors, as the store has them when everything is quiet. */
import type { Content } from './shown.ts'

export interface LogEntry {
  readonly conv: string
  readonly seq: number
  /** Decimal. */
  readonly messageId: string
  /** Unix ms. */
  readonly at: number
  readonly senderId: string
  readonly cmid: string
  /** Messages in seq 1..this. */
  readonly count: number
  readonly membershipSeq: number
  readonly kind: string
  readonly target: number | null
  /** What else the kind says. */
  readonly content: Content
  /** Where it stands in its file, from 1: put there by who reads a file. */
  readonly line?: number
}

export interface CursorRow {
  readonly conv: string
  readonly user: string
  readonly delivered: number
  readonly read: number
  readonly shown: number
}

export interface Dump {
  /** In the order of their storing. */
  readonly entries: Iterable<LogEntry>
  readonly cursors: Iterable<CursorRow>
}
