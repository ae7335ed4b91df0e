import type { TimelineState } from '@godwit/client'
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type Anchor, atBottom, readAnchor, restoreAnchor, rowOf } from './anchor.ts'
import type { Row } from './rows.ts'
import { grownNewer, grownOlder, type Slice, sliceOf, tailWindow, type Window, windowAround } from './window.ts'

/** More rows come in when the scroll is this near to an end of them. */
const edgePx = 800

/** Where to go with the next paint: the end, a seq, or a place that was left. */
export type Goal =
  | { readonly to: 'end'; readonly smooth?: boolean }
  | { readonly to: 'seq'; readonly seq: number; readonly at: 'divider' | 'centre' }
  | { readonly to: 'anchor'; readonly anchor: Anchor }

interface ScrollOptions {
  readonly rows: readonly Row[]
  readonly state: TimelineState
  readonly start: Goal
  readonly onOlder: () => void
  readonly onNewer: () => void
  /** After each scroll and paint. */
  readonly onView: (scroller: HTMLElement) => void
}

export interface Scroll {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly slice: Slice
  /** Away from the end: arrivals do not move the view. */
  readonly away: boolean
  readonly onScroll: () => void
  readonly go: (goal: Goal) => void
  /** The place to come back to; null at the end. */
  readonly place: () => Anchor | null
}

/** Scrolling of a conversation: which rows are in the document, what stays in place, what follows the end. */
export function useScroll({ rows, state, start, onOlder, onNewer, onView }: ScrollOptions): Scroll {
  const scroller = useRef<HTMLDivElement>(null)
  const [window, setWindow] = useState<Window>(tailWindow)
  const [away, setAway] = useState(false)
  const goal = useRef<Goal | null>(start)
  const stick = useRef(start.to === 'end')
  const anchor = useRef<Anchor | null>(null)
  /** Where the scroll was when the anchor was read. */
  const top = useRef(0)
  const slice = sliceOf(rows, window)

  const settle = useCallback(
    (keepAnchor = false) => {
      const element = scroller.current
      if (element === null) return
      if (!keepAnchor) anchor.current = readAnchor(element)
      top.current = element.scrollTop
      const end = slice.to === rows.length && !state.hasNewer
      stick.current = end && atBottom(element)
      setAway(!stick.current)
      if (goal.current === null) {
        const isIdle = state.loading === null && state.error === null
        const isNearTop = element.scrollTop < edgePx
        const isNearEnd = element.scrollHeight - element.clientHeight - element.scrollTop < edgePx
        if (isNearTop && slice.from > 0) setWindow(grownOlder(rows, slice))
        else if (isNearEnd && slice.to < rows.length) setWindow(grownNewer(rows, slice))
        // After a failure the next try is the user's, or the connection's when it is back: else it would be tried on every paint.
        else if (isIdle && isNearTop && state.hasOlder) onOlder()
        else if (isIdle && isNearEnd && state.hasNewer) onNewer()
      }
      onView(element)
    },
    [rows, slice, state.hasNewer, state.hasOlder, state.loading, state.error, onOlder, onNewer, onView],
  )

  /**
   * Puts the view where it belongs after a change of rows or sizes. `false`: not until more rows are in the document.
   * @param scrolled pixels of a scroll whose event has not come yet: it has moved the anchor too
   */
  const place = useCallback(
    (scrolled = 0): boolean => {
      const element = scroller.current
      if (element === null || rows.length === 0) return true
      const wanted = goal.current
      if (wanted !== null) {
        const done = reach(element, wanted, rows, slice, state, setWindow)
        if (!done) return true
        goal.current = null
        stick.current = wanted.to === 'end'
      } else if (stick.current && scrolled >= 0) element.scrollTop = element.scrollHeight
      else if (anchor.current !== null) {
        anchor.current = { ...anchor.current, offset: anchor.current.offset - scrolled }
        const isDone = restoreAnchor(element, anchor.current)
        top.current = element.scrollTop
        return isDone
      }
      return true
    },
    [rows, slice, state],
  )

  // Read before the document changes: afterwards the browser may have clamped it.
  const scrolled = scroller.current === null ? 0 : scroller.current.scrollTop - top.current
  useLayoutEffect(() => {
    const placed = place(scrolled)
    settle(!placed)
  })

  const resized = useRef(place)
  resized.current = place
  useEffect(() => {
    const element = scroller.current
    const content = element?.firstElementChild
    if (!element || !content) return
    const observer = new ResizeObserver(() => void resized.current())
    observer.observe(element)
    observer.observe(content)
    return () => observer.disconnect()
  }, [])

  const [, repaint] = useState(0)
  const go = useCallback((next: Goal) => {
    goal.current = next
    if (next.to === 'end') setWindow(tailWindow)
    repaint((n) => n + 1)
  }, [])

  return {
    scroller,
    slice,
    away,
    onScroll: useCallback(() => settle(), [settle]),
    go,
    place: useCallback(() => (stick.current ? null : anchor.current), []),
  }
}

/** Goes to the goal if its row is there; else brings the row into the document first. */
function reach(
  element: HTMLElement,
  goal: Goal,
  rows: readonly Row[],
  slice: Slice,
  state: TimelineState,
  setWindow: (window: Window) => void,
): boolean {
  if (goal.to === 'end') {
    if (state.hasNewer || slice.to < rows.length) return false
    element.scrollTop = element.scrollHeight
    return true
  }
  const index =
    goal.to === 'seq'
      ? rows.findIndex(({ item }) => item.seq === null || item.seq >= goal.seq)
      : rows.findIndex(({ item }) => item.key === goal.anchor.key)
  const found = rows[index]
  // Until the window around it is loaded, the seq lies before the first row or behind the last.
  if (goal.to === 'seq' && state.error === null && (found === undefined ? state.hasNewer : index === 0 && !begins(state, goal.seq)))
    return false
  if (found === undefined) {
    if (state.loading !== null) return false
    element.scrollTop = element.scrollHeight
    return true
  }
  const row = rowOf(element, found.item.key)
  if (row === undefined) {
    setWindow(windowAround(rows, index))
    return false
  }
  const top = row.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop
  if (goal.to === 'anchor') restoreAnchor(element, goal.anchor)
  else if (goal.at === 'divider') element.scrollTop = top - element.clientHeight * 0.15
  else element.scrollTop = top - Math.max(24, (element.clientHeight - row.offsetHeight) / 2)
  return true
}

/** The items reach back to `seq`, or to the beginning. */
function begins({ items, hasOlder }: TimelineState, seq: number): boolean {
  return !hasOlder || (items[0]?.seq ?? Number.POSITIVE_INFINITY) <= seq
}
