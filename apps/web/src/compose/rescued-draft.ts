/**
 * What was typed in the last moment before the page went away. A browser drops what IndexedDB is asked to write then; localStorage
 * is written at once.
 */
import type { Draft } from '@godwit/client'
import type { ConversationId } from '@godwit/protocol/ids.ts'

export function rescueDraft(id: ConversationId, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(id), JSON.stringify(draft))
  } catch {
    // Storage is blocked or full: the draft of a moment ago is in the SDK's store.
  }
}

/** Answers it once. */
export function takeRescuedDraft(id: ConversationId): Draft | null {
  try {
    const kept = localStorage.getItem(keyOf(id))
    if (kept === null) return null
    localStorage.removeItem(keyOf(id))
    const draft = JSON.parse(kept) as Partial<Draft> | null
    return typeof draft?.text === 'string' ? (draft as Draft) : null
  } catch {
    return null
  }
}

function keyOf(id: ConversationId): string {
  return `godwit.draft.${id}`
}
