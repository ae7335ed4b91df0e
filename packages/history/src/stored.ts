/**
 * What the judge keeps of an entry of the dump: digests in the place of texts, so that memory follows the number of entries and not
 * their size.
 */
import type { LogEntry } from './dump.ts'
import { baseDigest, bodyDigest, bodyHash } from './shown.ts'

export interface Stored {
  readonly conv: string
  readonly seq: number
  readonly messageId: string
  readonly at: number
  readonly senderId: string
  readonly cmid: string
  readonly kind: string
  readonly target: number | null
  readonly line: number | undefined
  /** `baseDigest`, `bodyDigest` and `bodyHash` as int32: numbers that cost no memory of their own. */
  readonly base: number
  readonly body: number
  readonly hash: number
  /** Its text has been taken out of the store, after a deletion. */
  readonly isBlank: boolean
  /** A page shows it letter by letter: no markup, no spaces that melt together. */
  readonly isPlain: boolean
  readonly detail: Detail | undefined
}

/** Most messages have none of it. */
export interface Detail {
  readonly mentions: readonly string[] | undefined
  readonly replyTo: number | undefined
  readonly reaction: { readonly key: string; readonly on: boolean } | undefined
  /** Whom or what a change of a group is about. */
  readonly subjects: readonly string[]
}

/** Kinds that a device or a page sends; the others are changes of groups. */
export const sentKinds: ReadonlySet<string> = new Set(['message', 'edit', 'delete', 'reaction'])

const notPlain = /[*_`~<>|\\]|^\s|\s$|\s\s|[^\S ]/

export function storedOf(entry: LogEntry): Stored {
  const { conv, seq, messageId, at, senderId, cmid, kind, target, content, line } = entry
  return {
    conv,
    seq,
    messageId,
    at,
    senderId,
    cmid,
    kind,
    target,
    line,
    base: baseDigest(entry, content) | 0,
    body: bodyDigest(content.text ?? '', content.mentions) | 0,
    hash: sentKinds.has(kind) ? hashOf(bodyHash(kind, content)) : 0,
    isBlank: kind === 'message' && content.text === '',
    isPlain: kind === 'message' && !notPlain.test(content.text ?? ''),
    detail: detailOf(entry),
  }
}

/** Of a `bodyHash`, as int32. */
export function hashOf(hash: string): number {
  return Number.parseInt(hash, 16) | 0
}

function detailOf({ kind, senderId, content }: LogEntry): Detail | undefined {
  const { mentions, replyTo, emoji, on = false } = content
  const subjects = subjectsOf(kind, content)
  const reaction = kind === 'reaction' ? { key: `${emoji} ${senderId}`, on } : undefined
  if (mentions === undefined && replyTo === undefined && reaction === undefined && subjects.length === 0) return undefined
  return { mentions, replyTo, reaction, subjects }
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
      return []
  }
}
