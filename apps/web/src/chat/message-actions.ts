import type { TimelineItem } from '@godwit/client'

/** What can be done to a message. The row asks; the conversation view does. */
export interface MessageActions {
  reply(item: TimelineItem): void
  edit(item: TimelineItem): void
  remove(item: TimelineItem): void
  react(item: TimelineItem, emoji: string, on: boolean): void
  retry(item: TimelineItem): void
  discard(item: TimelineItem): void
  showReceipts(item: TimelineItem): void
}

/** A text message that is in the log and not deleted. */
export function isSettled(item: TimelineItem): item is TimelineItem & { readonly seq: number } {
  return item.content.kind === 'message' && item.seq !== null && item.deleted === null
}
