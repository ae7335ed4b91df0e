/** Which rows stand in the document: a contiguous slice around what is on the screen. */

/** Rows in the document at most; enough for two screens beyond the visible one. */
export const windowRowsMax = 140
/** Rows that come in at once when the scroll nears an end. */
export const windowStep = 40

/** Named by keys, because indices move when older rows are loaded. null: that end of the rows. */
export interface Window {
  readonly start: string | null
  readonly end: string | null
}

export interface Slice {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

interface Keyed {
  readonly item: { readonly key: string }
}

/** The end of the conversation. */
export const tailWindow: Window = { start: null, end: null }

export function sliceOf(rows: readonly Keyed[], window: Window): Slice {
  const last = window.end === null ? -1 : rows.findIndex((row) => row.item.key === window.end)
  const first = window.start === null ? -1 : rows.findIndex((row) => row.item.key === window.start)
  const to = last === -1 ? rows.length : last + 1
  const from = first === -1 ? Math.max(0, to - windowStep * 2) : Math.min(first, to)
  return { from: window.end !== null && last === -1 && first !== -1 ? from : Math.max(from, to - windowRowsMax), to }
}

/** The slice moved towards older rows; what falls out at the other end is beyond the screen. */
export function grownOlder(rows: readonly Keyed[], { from, to }: Slice): Window {
  const start = Math.max(0, from - windowStep)
  return named(rows, start, Math.min(to, start + windowRowsMax))
}

export function grownNewer(rows: readonly Keyed[], { from, to }: Slice): Window {
  const end = Math.min(rows.length, to + windowStep)
  return named(rows, Math.max(from, end - windowRowsMax), end)
}

export function windowAround(rows: readonly Keyed[], index: number): Window {
  return named(rows, Math.max(0, index - windowStep), Math.min(rows.length, index + windowStep + 1))
}

function named(rows: readonly Keyed[], from: number, to: number): Window {
  return { start: rows[from]?.item.key ?? null, end: to >= rows.length ? null : (rows[to - 1]?.item.key ?? null) }
}
