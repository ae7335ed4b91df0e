/**
 * What the judge keeps of an entry of the dump to tell what its readers see: digests in the place of texts, so that memory follows the
 * number of entries and not their size.
 */
import type { LogEntry } from './dump.ts'
import { baseDigest, bodyDigest } from './shown.ts'
import type { EntryRef } from './verdict.ts'

export interface Readable extends EntryRef {
  readonly at: number
  /** `baseDigest` and `bodyDigest` as int32: numbers that cost no memory of their own. */
  readonly base: number
  readonly body: number
  /** A page shows it letter by letter: no markup, no spaces that melt together. */
  readonly isPlain: boolean
  readonly detail: Detail | undefined
}

/** Most messages have none of it. */
export interface Detail {
  readonly mentions: readonly string[] | undefined
  readonly replyTo: number | undefined
  readonly reaction: { readonly key: string; readonly on: boolean } | undefined
}

const markup = /[*_`~<>|\\]/
const otherSpace = /[^\S ]/

export function readableOf(entry: LogEntry): Readable {
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
    isPlain: kind === 'message' && isPlain(content.text ?? ''),
    detail: detailOf(entry),
  }
}

function isPlain(text: string): boolean {
  return !markup.test(text) && !otherSpace.test(text) && !text.startsWith(' ') && !text.endsWith(' ') && !text.includes('  ')
}

function detailOf({ kind, senderId, content }: LogEntry): Detail | undefined {
  const { mentions, replyTo, emoji, on = false } = content
  const reaction = kind === 'reaction' ? { key: `${emoji} ${senderId}`, on } : undefined
  if (mentions === undefined && replyTo === undefined && reaction === undefined) return undefined
  return { mentions, replyTo, reaction }
}
