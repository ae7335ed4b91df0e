import type { ConversationRow, GroupReceipts, TimelineItem } from '@godwit/client'

/** How far an own message has come. */
export type Delivery = 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

/** null for messages of others, and for what has no state. In a group, delivered and read mean: by everybody else. */
export function deliveryOf(item: TimelineItem, peer: ConversationRow['peer'], receipts: GroupReceipts | null): Delivery | null {
  if (!item.mine || item.content.kind !== 'message' || item.deleted) return null
  if (item.delivery !== 'sent' || item.seq === null) return item.delivery
  if (peer) return peer.read >= item.seq ? 'read' : peer.delivered >= item.seq ? 'delivered' : 'sent'
  if (!receipts) return 'sent'
  const everybody = Math.max(1, receipts.members - 1)
  if (reachedBy(receipts.read, item.seq) >= everybody) return 'read'
  return reachedBy(receipts.delivered, item.seq) >= everybody ? 'delivered' : 'sent'
}

/** Steps fall in seq and rise in members: the last step at or beyond `seq` counts. */
function reachedBy(steps: GroupReceipts['read'], seq: number): number {
  let members = 0
  for (const [at, count] of steps) if (at >= seq) members = Math.max(members, count)
  return members
}
