/**
 * How edits, deletions and reactions change a message. Server and client fold with these functions, so that a page, a preview,
 * a list and a live view agree.
 *
 * An edit wins by the highest seq, a deletion is final, and a reaction wins by the highest seq for each user and emoji. So an
 * amendment may come more than once, and a set of them in any order.
 */
import type { AmendmentContent, Entry, FoldedEntry, Reaction } from './entry.ts'

export type AmendmentEntry = Entry & AmendmentContent

/**
 * Folds the amendments that target `entry` into it, whatever their order. Those of other targets are ignored. Into an entry that is
 * folded already as of a head, only amendments beyond that head may be folded.
 */
export function fold(entry: FoldedEntry, amendments: readonly AmendmentEntry[]): FoldedEntry {
  let folded = entry
  const isRising = amendments.every(({ seq }, i) => i === 0 || (amendments[i - 1] as AmendmentEntry).seq < seq)
  for (const amendment of isRising ? amendments : amendments.toSorted((a, b) => a.seq - b.seq))
    if (amendment.target === entry.seq) folded = applyAmendment(folded, amendment)
  return folded
}

/**
 * One amendment. A reaction that was taken back leaves no trace, so one that comes behind its own taking back would stand again:
 * give amendments of one target in seq order; one that was applied before changes nothing as long as it is the newest of its kind.
 */
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
      if (entry.deleted && entry.deleted.seq <= amendment.seq) return entry
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
  const there = reactions.find((reaction) => reaction.emoji === emoji)
  const mine = there?.by.find(({ userId }) => userId === senderId)
  if (mine && mine.seq >= seq) return reactions
  const others = there?.by.filter((one) => one !== mine) ?? []
  const by = on ? [...others, { userId: senderId, seq }] : others
  if (!there) return on ? [...reactions, { emoji, by }] : reactions
  return reactions.map((reaction) => (reaction === there ? { emoji, by } : reaction)).filter((reaction) => reaction.by.length > 0)
}

function withReactions(entry: FoldedEntry, reactions: readonly Reaction[]): FoldedEntry {
  const { reactions: _replaced, ...rest } = entry
  return reactions.length > 0 ? { ...(rest as FoldedEntry), reactions } : (rest as FoldedEntry)
}
