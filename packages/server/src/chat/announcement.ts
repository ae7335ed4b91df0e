/** An appended entry and who is to get it. */
import { type Entry, isMembership } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { NewEntry } from '../ports/message-log.ts'
import { placeEntries } from '../ports/place-entries.ts'
import { applyMembership, type Roster } from './roster.ts'
import { noHead, type Standing } from './rosters.ts'

export interface Announcement {
  readonly entry: Entry
  readonly recipients: ReadonlySet<UserId>
}

const nobody: ReadonlySet<UserId> = new Set()

/** Plays entries that were appended on `standing`: where they stand, who is to get each, and the state they leave. */
export function play(
  conversationId: ConversationId,
  standing: Standing | null,
  entries: readonly NewEntry[],
): Pick<Standing, 'head' | 'roster'> & { readonly announcements: readonly Announcement[] } {
  const { placed, head } = placeEntries(conversationId, standing?.head ?? noHead, entries)
  let roster = standing?.roster ?? null
  const announcements = placed.map((entry): Announcement => {
    if (!isMembership(entry)) return { entry, recipients: roster?.memberSet ?? nobody }
    // The one who is added and the one who is removed both get the entry (L6).
    const before = roster
    roster = applyMembership(roster, entry)
    return { entry, recipients: before ? new Set([...before.memberSet, ...roster.memberSet]) : roster.memberSet }
  })
  if (!roster) throw new Error(`conversation ${conversationId} does not begin with created`)
  return { head, roster, announcements }
}

/** Those entitled to the entry at `seq` (L6). */
export function entitledTo(roster: Roster, seq: number): ReadonlySet<UserId> {
  const covers = roster.state.intervals.filter(({ from, to }) => from <= seq && (to === null || seq <= to))
  return new Set(covers.map(({ userId }) => userId))
}
