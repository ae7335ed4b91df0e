/** "Ana is typing": lossy, never stored, only to those who look at the conversation (L10). A client forgets it by itself. */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UpFrameOf } from '@godwit/protocol/up.ts'
import type { Principal } from '../chat/chat.ts'
import type { Services } from './services.ts'

/** What one session has lately said about its typing. */
export class TypingMemory {
  #conversationId: ConversationId | null = null
  #at = 0

  /** False for a repetition that comes too soon. The end of typing always passes. */
  passes({ conversationId, on = true }: UpFrameOf<'typing'>, now: number): boolean {
    const isSame = conversationId === this.#conversationId
    if (!on) {
      if (isSame) this.#conversationId = null
      return true
    }
    if (isSame && Math.abs(now - this.#at) < limits.typingIntervalMs) return false
    this.#conversationId = conversationId
    this.#at = now
    return true
  }
}

/** Throws FORBIDDEN for who is no member. */
export async function typing(
  { chat, hub, clock }: Services,
  memory: TypingMemory,
  principal: Principal,
  frame: UpFrameOf<'typing'>,
): Promise<void> {
  const { conversationId, on = true } = frame
  const members = await chat.currentMembers(principal, conversationId)
  if (!hub.isWatched(conversationId) || !memory.passes(frame, clock.now())) return
  const others = [...members].filter((userId) => userId !== principal.userId)
  // In a pair, who is blocked sees nothing; in a group both are members like any other.
  if (others.length === 1 && (await chat.visible(principal, others)).length === 0) return
  hub.toWatchers(conversationId, { type: 'typing', conversationId, userId: principal.userId, on }, principal.userId)
}
