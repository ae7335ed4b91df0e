import type { Conversation, Draft } from '@godwit/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { rescueDraft, takeRescuedDraft } from './rescued-draft.ts'

const saveMs = 300

const empty: Draft = { text: '' }

/** The draft of a conversation: here while typing, in the SDK's store soon after; rescued when the page goes away. */
export function useDraft(conversation: Conversation) {
  const [draft, setDraft] = useState<Draft>(() => conversation.draft.get() ?? empty)
  const current = useRef(draft)
  const dirty = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  /** What was being written when an edit began. */
  const aside = useRef<Draft>(empty)

  const save = useCallback(() => {
    clearTimeout(timer.current)
    if (!dirty.current) return
    dirty.current = false
    const { text, replyTo } = current.current
    conversation.setDraft(text === '' && replyTo === undefined ? null : current.current)
  }, [conversation])

  const change = useCallback(
    (next: Draft) => {
      current.current = next
      setDraft(next)
      dirty.current = true
      clearTimeout(timer.current)
      timer.current = setTimeout(save, saveMs)
    },
    [save],
  )

  useEffect(() => {
    const rescued = takeRescuedDraft(conversation.id)
    if (rescued !== null) change(rescued)
    const leave = () => {
      if (dirty.current) rescueDraft(conversation.id, current.current)
    }
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('pagehide', leave)
      save()
    }
  }, [conversation, change, save])

  return {
    text: draft.text,
    replyTo: draft.replyTo ?? null,
    editing: draft.editing ?? null,
    setText: useCallback((text: string) => change({ ...current.current, text }), [change]),
    startReply: useCallback(
      (replyTo: number) => {
        const { text, editing } = current.current
        change({ text: editing === undefined ? text : aside.current.text, replyTo })
      },
      [change],
    ),
    startEdit: useCallback(
      (editing: number, text: string) => {
        if (current.current.editing === undefined) aside.current = current.current
        change({ text, editing })
      },
      [change],
    ),
    /** Leaves a reply, keeping its text, or an edit, going back to what was written before. */
    cancel: useCallback(() => {
      change(current.current.editing === undefined ? { text: current.current.text } : aside.current)
      aside.current = empty
    }, [change]),
    /** It was sent: nothing is left of it, and what an edit interrupted comes back. */
    clear: useCallback(() => {
      change(current.current.editing === undefined ? empty : aside.current)
      aside.current = empty
      save()
    }, [change, save]),
  }
}
