/**
 * What the judge keeps of an entry of the dump to find the command that made it: a digest in the place of its text, so that memory
 * follows the number of entries and not their size.
 */
import type { LogEntry } from './dump.ts'
import { bodyNumber } from './shown.ts'
import type { EntryRef } from './verdict.ts'

export interface Stored extends EntryRef {
  readonly messageId: string
  readonly cmid: string
  readonly target: number | null
  /** `bodyNumber` as int32: a number that costs no memory of its own. */
  readonly hash: number
  /** Its text has been taken out of the store, after a deletion. */
  readonly isBlank: boolean
  /** Whom or what a change of a group is about. */
  readonly subjects: readonly string[]
}

/** Kinds that a device or a page sends; the others are changes of groups. */
export const sentKinds: ReadonlySet<string> = new Set(['message', 'edit', 'delete', 'reaction'])

const none: readonly string[] = []

export function storedOf({ conv, seq, messageId, senderId, cmid, kind, target, content, line }: LogEntry): Stored {
  const hash = sentKinds.has(kind) ? bodyNumber(kind, content) | 0 : 0
  const isBlank = kind === 'message' && content.text === ''
  return { conv, seq, messageId, senderId, cmid, kind, target, line, hash, isBlank, subjects: subjectsOf(kind, content) }
}

/** Of a `bodyHash`, as int32. */
export function hashOf(hash: string): number {
  return Number.parseInt(hash, 16) | 0
}

function subjectsOf(kind: string, content: LogEntry['content']): readonly string[] {
  switch (kind) {
    case 'added':
      return (content.members ?? []).map(({ userId }) => userId)
    case 'removed':
    case 'role':
      return [content.userId ?? '']
    case 'renamed':
      return [content.name ?? '']
    default:
      return none
  }
}
