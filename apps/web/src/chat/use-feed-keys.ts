import { type FocusEvent, type KeyboardEvent, type RefObject, useCallback, useState } from 'react'
import type { Row } from './rows.ts'

/** Roving focus: one message is reached by Tab, the arrows, Home and End go on from there (ARIA feed pattern). */
export function useFeedKeys(rows: readonly Row[], scroller: RefObject<HTMLElement | null>) {
  const [focused, setFocused] = useState<string | null>(null)
  const present = rows.some(({ item }) => item.key === focused)
  const reached = present ? focused : (rows.at(-1)?.item.key ?? null)

  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return
      const articles = [...(scroller.current?.querySelectorAll<HTMLElement>('[role="article"], article') ?? [])]
      const at = articles.indexOf(event.target)
      if (at === -1) return
      const to = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - 5, PageDown: at + 5, Home: 0, End: articles.length - 1 }[event.key]
      if (to === undefined) return
      event.preventDefault()
      const next = articles[Math.max(0, Math.min(articles.length - 1, to))]
      next?.focus({ preventScroll: true })
      next?.scrollIntoView({ block: 'nearest' })
    },
    [scroller],
  )
  const onFocus = useCallback((event: FocusEvent<HTMLElement>) => {
    const key = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-key]')?.dataset.key : undefined
    if (key !== undefined) setFocused(key)
  }, [])
  return { props: { onKeyDown, onFocus }, isFocusable: (key: string) => key === reached }
}
