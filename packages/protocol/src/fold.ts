/**
 * How edits, deletions and reactions change a message. Server and client fold with these functions, so that a page, a preview,
 * a list and a live view agree.
 *
 * The rules commute, so amendments may come in any order and more than once: an edit wins by the highest seq, a deletion is
 * final, and a reaction wins by the highest seq for each user and emoji.
 */
import type { AmendmentContent, Entry, FoldedEntry, Reaction } from './entry.ts'
import type { UserId } from './ids.ts'

export type AmendmentEntry = Entry & AmendmentContent

/** Folds the amendments that target `entry` into it. Those of other targets are ignored. */
export function fold(entry: FoldedEntry, amendments: readonly AmendmentEntry[]): FoldedEntry {
  let folded = entry
  for (const amendment of amendments) if (amendment.target === entry.seq) folded = applyAmendment(folded, amendment)
  return folded
}

/** One amendment. A reaction that was taken back leaves no trace here, so amendments of one target must come in seq order. */
export function applyAmendment(entry: FoldedEntry, amendment: AmendmentEntry): FoldedEntry {
  if (entry.kind !== 'message') return entry
  switch (amendment.kind) {
    case 'edit': {
      if (entry.deleted || (entry.edited && entry.edited.seq >= amendment.seq)) return entry
      const { mentions: _replaced, ...rest } = entry
      return {
        ...rest,
        text: amendment.text,
        ...(amendment.mentions ? { mentions: amendment.mentions } : {}),
        edited: { seq: amendment.seq, at: amendment.at },
      }
    }
    case 'delete': {
      if (entry.deleted) return entry
      return tombstone(entry, amendment)
    }
    case 'reaction':
      if (entry.deleted) return entry
      return withReactions(entry, react(entry.reactions ?? [], amendment))
  }
}

/** What is left of a deleted message: its place, author and time. */
function tombstone(entry: Extract<FoldedEntry, { kind: 'message' }>, by: AmendmentEntry): FoldedEntry {
  const { mentions: _m, replyTo: _r, body: _b, edited: _e, reactions: _x, ...rest } = entry
  return { ...rest, text: '', deleted: { seq: by.seq, at: by.at, by: by.senderId } }
}

function react(
  reactions: readonly Reaction[],
  { emoji, on, senderId, seq }: Extract<AmendmentEntry, { kind: 'reaction' }>,
): readonly Reaction[] {
  const others = (by: Reaction['by']) => by.filter((one) => one.userId !== senderId)
  const mine: { userId: UserId; seq: number } = { userId: senderId, seq }
  if (on && !reactions.some((reaction) => reaction.emoji === emoji)) return [...reactions, { emoji, by: [mine] }]
  return reactions
    .map((reaction) => (reaction.emoji === emoji ? { emoji, by: on ? [...others(reaction.by), mine] : others(reaction.by) } : reaction))
    .filter((reaction) => reaction.by.length > 0)
}

function withReactions(entry: FoldedEntry, reactions: readonly Reaction[]): FoldedEntry {
  const { reactions: _replaced, ...rest } = entry
  return reactions.length > 0 ? { ...(rest as FoldedEntry), reactions } : (rest as FoldedEntry)
}
