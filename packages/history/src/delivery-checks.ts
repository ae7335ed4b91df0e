/** What devices were told, entry by entry: C6, C11, C13, and that in the end nothing is missing: C7. */

import type { Expected } from './expect.ts'
import type { DeliverLine, HistoryLine, ListLine } from './history.ts'
import { getOrMake } from './maps.ts'
import { nextAfter, type Span } from './membership.ts'
import type { Check } from './sides.ts'
import type { Verdict } from './verdict.ts'

interface Device {
  user: string | undefined
  /** By conversation. */
  readonly told: Map<string, Told>
  last: HistoryLine | undefined
}

/** How far a device has been told of one conversation. */
interface Told {
  last: number
  /** Rising, apart from each other. */
  spans: [from: number, to: number][]
  /** After a crash: where it goes on is up to what its store had noted. */
  mayRepeat: boolean
  before: DeliverLine | undefined
}

export class DeliveryChecks implements Check {
  readonly ops = ['connect', 'deliver', 'reset', 'crash', 'list'] as const
  readonly #expected: Expected
  readonly #verdict: Verdict
  readonly #devices = new Map<string, Device>()
  /** In the end: web pages and plain HTTP show a list too, and are told of nothing. */
  readonly #lists = new Map<string, ListLine>()
  #entries = 0

  constructor(expected: Expected, verdict: Verdict) {
    this.#expected = expected
    this.#verdict = verdict
  }

  take(line: HistoryLine): void {
    if (line.op === 'list') {
      this.#lists.set(line.proc, line)
      return
    }
    const device = getOrMake(this.#devices, line.proc, (): Device => ({ user: undefined, told: new Map(), last: undefined }))
    if (line.op === 'connect') {
      if (line.type === 'invoke') device.user = line.user
      return
    }
    device.last = line
    if (line.op === 'reset') device.told.clear()
    else if (line.op === 'crash') for (const one of device.told.values()) one.mayRepeat = true
    else if (line.op === 'deliver') {
      this.#entries += line.to - line.from + 1
      this.#deliver(line, device)
    }
  }

  end(): void {
    for (const [proc, { told, last }] of this.#devices) {
      const list = this.#lists.get(proc)
      if (list) this.#checkComplete(list, told)
      else this.#verdict.add('V', `${proc} shows no list in the end: nothing says that it has caught up`, last)
    }
    this.#verdict.figures.set('devices', this.#devices.size)
    this.#verdict.figures.set('entries told', this.#entries)
  }

  #deliver(run: DeliverLine, { user, told }: Device): void {
    if (user === undefined) {
      this.#verdict.add('V', `${run.proc} was told of something before it has connected: whose it is nobody knows`, run)
      return
    }
    const spans = this.#expected.conversations.get(run.conv)?.spansOf(user)
    if (!spans || spans.length === 0) {
      this.#verdict.add('C11', `${run.proc} of ${user} was told of ${run.conv}, where it never was a member`, run)
      return
    }
    const state = getOrMake(told, run.conv, (): Told => ({ last: 0, spans: [], mayRepeat: false, before: undefined }))
    if (state.mayRepeat && run.from <= state.last) rewind(state, run.from)
    this.#checkRun(run, spans, state)
    state.mayRepeat = false
    state.last = Math.max(state.last, run.to)
    addRun(state.spans, run)
    state.before = run
  }

  #checkRun(run: DeliverLine, spans: readonly Span[], state: Told): void {
    const { proc, from, to } = run
    const due = nextAfter(spans, state.last)
    if (!spans.some((span) => from >= span[0] && to <= span[1]))
      this.#verdict.add('C11', `${proc} was told of ${from}..${to} from outside its intervals ${JSON.stringify(spans)}`, run)
    else if (state.spans.some((span) => from <= span[1] && to >= span[0]))
      this.#verdict.add('C13', `${proc} was told of ${from}..${to} again`, state.before, run)
    else if (from !== due) this.#verdict.add('C6', `${proc} was told of ${from} when ${due ?? 'nothing'} was due`, state.before, run)
  }

  #checkComplete({ proc, user }: ListLine, told: ReadonlyMap<string, Told>): void {
    for (const conversation of this.#expected.conversationsOf(user)) {
      const state = told.get(conversation.id)
      const due = conversation.lastFor(user) ?? 0
      const last = state?.last ?? 0
      if (last < due)
        this.#verdict.add('C7', `${proc} of ${user} was told of ${conversation.id} up to ${last}, and is entitled to ${due}`, state?.before)
    }
  }
}

function rewind(state: Told, from: number): void {
  state.last = from - 1
  state.spans = state.spans.filter((span) => span[0] < from).map((span) => [span[0], Math.min(span[1], from - 1)])
}

function addRun(spans: [from: number, to: number][], { from, to }: DeliverLine): void {
  const last = spans.at(-1)
  if (last && from === last[1] + 1) last[1] = to
  else spans.push([from, to])
}
