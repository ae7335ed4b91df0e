import type { Conversation, MemberProfile } from '@godwit/client'
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useMemo, useState } from 'react'
import { useMyId } from '../state/client.tsx'
import { mentionAt, suggest } from './mentions.ts'

const nobody: readonly MemberProfile[] = []

/** Suggestions while an @name is typed. The members are asked for when the first @ is typed. */
export function useMentions(
  conversation: Conversation,
  enabled: boolean,
  area: RefObject<HTMLTextAreaElement | null>,
  text: string,
  setText: (text: string) => void,
) {
  const me = useMyId()
  const [members, setMembers] = useState(nobody)
  const [caret, setCaret] = useState(0)
  const [active, setActive] = useState(0)
  const [dismissed, setDismissed] = useState<number | null>(null)
  const wanted = enabled && text.includes('@')

  useEffect(() => {
    if (!wanted) return
    let current = true
    conversation.members().then(
      (all) => {
        if (current) setMembers(all.filter(({ userId }) => userId !== me))
      },
      () => undefined,
    )
    return () => {
      current = false
    }
  }, [conversation, wanted, me])

  const at = useMemo(() => (wanted ? mentionAt(text, caret) : null), [wanted, text, caret])
  const found = useMemo(() => (at === null ? nobody : suggest(members, at.typed)), [members, at])
  const open = at !== null && found.length > 0 && dismissed !== at.start
  const shown = Math.min(active, found.length - 1)

  const close = useCallback(() => setDismissed(at?.start ?? null), [at])
  const pick = useCallback(
    (member: MemberProfile) => {
      if (at === null) return
      const before = `${text.slice(0, at.start)}@${member.name} `
      setText(before + text.slice(caret))
      setCaret(before.length)
      setActive(0)
      requestAnimationFrame(() => {
        area.current?.focus()
        area.current?.setSelectionRange(before.length, before.length)
      })
    },
    [at, area, text, caret, setText],
  )

  /** true when the key was for the list. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!open) return false
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const member = found[shown]
    if (step !== 0) setActive((shown + step + found.length) % found.length)
    else if ((event.key === 'Enter' || event.key === 'Tab') && member) pick(member)
    else if (event.key === 'Escape') close()
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }
  const onSelect = useCallback(() => setCaret(area.current?.selectionStart ?? 0), [area])

  return { members, open, found, active: shown, pick, close, onKeyDown, onSelect }
}
