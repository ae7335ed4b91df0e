/** From the items of a timeline to rows on the screen: where days begin, where groups of one sender begin and end. */
import type { TimelineItem } from '@godwit/client'
import { dayNumber } from '../text/time.ts'

export interface Row {
  readonly item: TimelineItem
  /** A day begins here. */
  readonly day: boolean
  /** The unread divider stands above this row. */
  readonly unread: boolean
  /** First and last of a run of one sender. */
  readonly first: boolean
  readonly last: boolean
}

/** Messages of one sender within this time are one group. */
const groupMs = 5 * 60_000

const systemKinds: ReadonlySet<string> = new Set(['created', 'added', 'removed', 'role', 'renamed', 'settings'])

/**
 * Kinds this client does not know have no row.
 * @param unreadFrom seq of the first unread message, above which the divider stands; null for no divider
 */
export function buildRows(items: readonly TimelineItem[], unreadFrom: number | null): readonly Row[] {
  const shown = items.filter(({ content }) => content.kind === 'message' || isTold(content))
  const heads = shown.map((item, i) => {
    const before = shown[i - 1]
    const day = before === undefined || dayNumber(before.at) !== dayNumber(item.at)
    const unread = unreadFrom !== null && before !== undefined && isFrom(item, unreadFrom) && !isFrom(before, unreadFrom)
    return { item, day, unread, first: day || unread || !joins(before, item) }
  })
  return heads.map((row, i) => ({ ...row, last: heads[i + 1]?.first ?? true }))
}

/** The beginning of a direct chat is told by what stands above its first row. */
function isTold(content: TimelineItem['content']): boolean {
  return systemKinds.has(content.kind) && !(content.kind === 'created' && content.conversation === 'direct')
}

function isFrom(item: TimelineItem, seq: number): boolean {
  return item.seq === null || item.seq >= seq
}

function joins(before: TimelineItem | undefined, item: TimelineItem): boolean {
  return (
    before?.content.kind === 'message' &&
    item.content.kind === 'message' &&
    before.senderId === item.senderId &&
    item.at - before.at <= groupMs
  )
}
