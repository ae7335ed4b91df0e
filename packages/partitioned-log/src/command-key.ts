import type { CommandKey } from '@godwit/server/ports/message-log.ts'

/** For sets and maps. Neither half has a space. */
export function keyOf({ senderId, clientMsgId }: CommandKey): string {
  return `${senderId} ${clientMsgId}`
}
