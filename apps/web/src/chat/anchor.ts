/**
 * Keeps what is being read where it is. The anchor is the first row on the screen and where its end is; after any change above
 * (older rows, a row that grew) the scroll is corrected to that place. A difference of heights would drift. The end and not the
 * beginning, because what stands above a row's text (a day, a sender) goes when a row comes in before it.
 */
export interface Anchor {
  readonly key: string
  /** Pixels from the top of the scroller to the bottom of the row. */
  readonly offset: number
}

/** Following the newest messages is meant within this distance from the end. */
export const stickPx = 50

export function atBottom(scroller: HTMLElement): boolean {
  return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop <= stickPx
}

/** The first row that is on the screen. */
export function readAnchor(scroller: HTMLElement): Anchor | null {
  const top = scroller.getBoundingClientRect().top
  for (const row of rowsOf(scroller)) {
    const box = row.getBoundingClientRect()
    if (box.bottom > top) return { key: row.dataset.key ?? '', offset: box.bottom - top }
  }
  return null
}

/** Scrolls by the drift, which is none most of the time. `false` when the rows above do not reach that far yet. */
export function restoreAnchor(scroller: HTMLElement, anchor: Anchor): boolean {
  const row = rowOf(scroller, anchor.key)
  if (row === undefined) return true
  const drift = row.getBoundingClientRect().bottom - scroller.getBoundingClientRect().top - anchor.offset
  if (Math.abs(drift) < 0.5) return true
  const isReachable = scroller.scrollTop + drift >= 0
  scroller.scrollTop += drift
  return isReachable
}

export function rowOf(scroller: HTMLElement, key: string): HTMLElement | undefined {
  for (const row of rowsOf(scroller)) if (row.dataset.key === key) return row
  return undefined
}

/** Highest seq of a row whose end is on the screen; 0 for none. */
export function lastVisibleSeq(scroller: HTMLElement): number {
  const { bottom } = scroller.getBoundingClientRect()
  let seq = 0
  for (const row of rowsOf(scroller)) {
    const box = row.getBoundingClientRect()
    if (box.top >= bottom) break
    // A row taller than the screen counts when its end has come into view.
    if (box.bottom <= bottom + 8) seq = Math.max(seq, Number(row.dataset.seq ?? 0))
  }
  return seq
}

function rowsOf(scroller: HTMLElement): readonly HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>('[data-key]')]
}
