/** A chart as SVG that follows the reader's light or dark. */

export interface Axis {
  readonly title: string
  /** Where a line and its text stand. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
  /** Of a value its place, 0 to 1. */
  readonly place: (value: number) => number
}

export interface Mark {
  readonly x: number
  readonly y: number
  /** Written beside it. */
  readonly text?: string
  /** Only its outline: what something is compared with. */
  readonly isHollow?: boolean
}

export interface Series {
  readonly name: string
  readonly marks: readonly Mark[]
  /** Joined by a line in the order given, and named in the legend. */
  readonly isLine: boolean
}

export interface Chart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
}

/** Without the legend, which stands below. */
const [width, height] = [760, 420]
const lineHeight = 18
const frame = { left: 72, right: 40, top: 48, bottom: 56 }
/** Told apart by those who see few colours, too (Okabe and Ito). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f']

const style = `text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}.grid{stroke:#ddd}
rect.back{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}rect.back{fill:#161b22}}`

export function drawChart({ title, x, y, series }: Chart): string {
  const across = (value: number) => round(frame.left + x.place(value) * (width - frame.left - frame.right))
  const up = (value: number) => round(height - frame.bottom - y.place(value) * (height - frame.top - frame.bottom))
  const [left, right, top, bottom] = [frame.left, width - frame.right, frame.top, height - frame.bottom]
  const lines = series.filter(({ isLine }) => isLine)
  const whole = height + lines.length * lineHeight
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${whole}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style><rect class="back" width="${width}" height="${whole}" rx="8"/>`,
    text(left, 26, title, 'start', 'title'),
    ...x.ticks.flatMap(({ at, text: label }) => [
      line(across(at), top, across(at), bottom),
      text(across(at), bottom + 18, label, 'middle'),
    ]),
    ...y.ticks.flatMap(({ at, text: label }) => [line(left, up(at), right, up(at)), text(left - 8, up(at) + 4, label, 'end')]),
    text((left + right) / 2, height - 14, x.title, 'middle'),
    `<g transform="rotate(-90 16 ${(top + bottom) / 2})">${text(16, (top + bottom) / 2, y.title, 'middle')}</g>`,
    ...series.flatMap((one, nth) => drawSeries(one, colours[nth % colours.length] as string, across, up)),
    ...apart(series.flatMap((one) => labelsOf(one, across, up))).map((label) => text(label.x, label.y, label.words, label.anchor)),
    ...legend(lines),
    '</svg>\n',
  ].join('\n')
}

type Place = (value: number) => number

function drawSeries({ marks, isLine }: Series, colour: string, across: Place, up: Place): string[] {
  const points = marks.map((mark) => ({ ...mark, x: across(mark.x), y: up(mark.y) }))
  const path = points.map(({ x, y }) => `${x},${y}`).join(' ')
  return [
    ...(isLine ? [`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`] : []),
    ...points.map(
      ({ x, y, isHollow = false }) =>
        `<circle cx="${x}" cy="${y}" r="4" fill="${isHollow ? 'none' : colour}" stroke="${colour}" stroke-width="2"/>`,
    ),
  ]
}

interface Label {
  readonly words: string
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'end'
}

function labelsOf({ marks }: Series, across: Place, up: Place): Label[] {
  return marks.flatMap((mark) => {
    if (mark.text === undefined) return []
    const x = across(mark.x) + 8
    return { words: mark.text, x, y: up(mark.y) - 6, anchor: x > width * 0.8 ? 'end' : 'start' }
  })
}

/** From the top down; what would lie upon another label goes below it. */
function apart(labels: readonly Label[]): Label[] {
  const placed: Label[] = []
  for (const label of labels.toSorted((one, other) => one.y - other.y)) {
    const inTheWay = placed.filter((other) => overlap(extentOf(label), extentOf(other)))
    const y = Math.max(label.y, ...inTheWay.map((other) => other.y + labelHeight))
    placed.push({ ...label, y })
  }
  return placed
}

const labelHeight = 14
/** Of the font, about. */
const letterWidth = 7

function extentOf({ words, x, anchor }: Label): readonly [from: number, to: number] {
  const length = words.length * letterWidth
  return anchor === 'start' ? [x, x + length] : [x - length, x]
}

const overlap = (one: readonly [number, number], other: readonly [number, number]) => one[0] < other[1] && other[0] < one[1]

function legend(series: readonly Series[]): string[] {
  return series.flatMap(({ name }, nth) => [
    `<circle cx="${frame.left + 6}" cy="${height + nth * lineHeight}" r="5" fill="${colours[nth % colours.length]}"/>`,
    text(frame.left + 18, height + 4 + nth * lineHeight, name, 'start'),
  ])
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', kind = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${kind && ` class="${kind}"`}>${escaped(words)}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`
}

const round = (value: number) => Math.round(value * 10) / 10

const escaped = (words: string) => words.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
