import { describe, expect, test } from 'vitest'
import type { Bounds } from './bounds.ts'
import { check, conclude } from './check.ts'
import type { LogEntry } from './dump.ts'
import { Expected } from './expect.ts'
import type { DeliverLine, HistoryLine, LineOf, ViewLine } from './history.ts'
import { lookAt } from './sides.ts'
import { type ArrayDump, amina, dumpOf, historyOf, kenji, noor, pair, room, type Said, said } from './testing/honest-run.ts'
import type { CheckName } from './verdict.ts'

interface Run {
  readonly history: readonly HistoryLine[]
  readonly dump: ArrayDump
  readonly options?: Partial<Bounds>
}

function honest(list: readonly Said[] = said): Run {
  const dump = dumpOf(list)
  return { dump, history: historyOf(dump) }
}

const found = ({ history, dump, options }: Run): CheckName[] => [...check(history, dump, options).counts.keys()]

const withLines = (...lines: readonly HistoryLine[]): Run => ({ ...honest(), history: [...honest().history, ...lines] })
const withDump = (change: (entries: readonly LogEntry[]) => readonly LogEntry[]): Run => {
  const { history, dump } = honest()
  return { history, dump: { ...dump, entries: change(dump.entries) } }
}

/** Puts something else, or nothing, in the place of the lines that match. */
function mend<L extends HistoryLine>(matches: (line: HistoryLine) => line is L, change: (line: L) => readonly HistoryLine[]): Run {
  const run = honest()
  expect(run.history.some(matches)).toBe(true)
  return { ...run, history: run.history.flatMap((line) => (matches(line) ? change(line) : [line])) }
}

type Is<L extends HistoryLine> = (line: HistoryLine) => line is L
const isSend = <T extends LineOf<'send', 'invoke' | 'ok'>['type']>(type: T, cmid: string) =>
  ((line) => line.op === 'send' && line.type === type && line.cmid === cmid) as Is<LineOf<'send', T>>
const isView = (proc: string, conv: string) => ((line) => line.op === 'view' && line.proc === proc && line.conv === conv) as Is<ViewLine>
const isOp = <O extends HistoryLine['op']>(op: O, proc?: string) =>
  ((line) => line.op === op && (proc === undefined || line.proc === proc)) as Is<Extract<HistoryLine, { op: O }>>
const isChange = (id: string) => ((line) => line.op === 'change' && line.id === id) as Is<LineOf<'change', 'invoke'>>

/** What a device is told of the room instead. */
function tell(proc: string, ...runs: readonly (readonly [number, number])[]): Run {
  const { history, dump } = honest()
  const others = history.filter((line) => !(line.op === 'deliver' && line.proc === proc && line.conv === room))
  return { dump, history: [...others, ...runs.map(([from, to], i) => told(proc, 500_000 + i, from, to))] }
}
const told = (proc: string, t: number, from: number, to: number, conv = room): HistoryLine => ({
  ...{ t, proc, conv, from, to, op: 'deliver', type: 'ok' },
})

/** What a page shows of the pair. */
function screen(...rows: readonly (readonly [number, string | null])[]): Run {
  const run = honest([...said.slice(0, -1), [pair, amina, 'message', { text: 'Bis gleich!' }]])
  return { ...run, history: [...run.history, { t: 1_001_000, proc: 'page-0', op: 'screen', type: 'ok', user: amina, conv: pair, rows }] }
}

function garbled({ entries, ...line }: ViewLine, seq: number): ViewLine {
  const bytes = Buffer.from(entries?.data ?? '', 'base64')
  bytes.writeUInt32LE(0xbad, (seq - 1) * 4)
  return { ...line, entries: { spans: entries?.spans ?? [], data: bytes.toString('base64') } }
}

function reaching({ entries, ...line }: ViewLine, by: number): ViewLine {
  const spans = (entries?.spans ?? []).map(([from, to]): [number, number] => [from, to + by])
  const bytes = Buffer.concat([Buffer.from(entries?.data ?? '', 'base64'), Buffer.alloc(4)])
  return { ...line, entries: { spans, data: bytes.subarray(0, bytes.length + (by - 1) * 4).toString('base64') } }
}

const second = `id-${room}-2`
const strike = (id: string, t: number): HistoryLine => ({ t, proc: 'run', op: 'fault', id, type: 'invoke', kind: 'partition' })
const heal = (id: string, t: number): HistoryLine => ({ t, proc: 'run', op: 'fault', id, type: 'ok' })
const lost = (proc: string, t: number): HistoryLine => ({ t, proc, op: 'connect', type: 'invoke', user: noor })
const back = (proc: string, t: number): HistoryLine => ({ t, proc, op: 'connect', type: 'ok' })
/** Of Amina's second device, which shows 5 at 901,000. */
const cursor = (t: number, read: number): HistoryLine => ({ t, proc: 'd_amina2', op: 'cursor', type: 'ok', conv: room, read })
const crash = (t: number, kept: Readonly<Record<string, number>>): HistoryLine => ({ t, proc: 'd_amina2', op: 'crash', type: 'info', kept })
const leaveAndReturn = (t: number): HistoryLine[] => [
  { t, proc: 'd_amina2', op: 'connect', type: 'info' },
  { t: t + 10_000, proc: 'd_amina2', op: 'connect', type: 'invoke', user: amina },
  back('d_amina2', t + 20_000),
]

/** Each makes exactly its own check fire; where two must, both are named. */
const bad: readonly (readonly [names: CheckName | `${CheckName} ${CheckName}`, what: string, run: () => Run])[] = [
  [
    'C1',
    'an acked message is not in the log',
    () => ({ ...honest(said.slice(0, -1)), history: [...honest(said.slice(0, -1)).history, ...sent()] }),
  ],
  [
    'C1',
    'an acked change is not in the log',
    () =>
      withLines(
        { t: 300_000, proc: 'd_amina', op: 'change', type: 'invoke', id: 'x', user: amina, conv: room, change: 'renamed', subject: 'Us' },
        { t: 301_000, proc: 'd_amina', op: 'change', type: 'ok', id: 'x' },
      ),
  ],
  [
    'C1',
    'what was typed into a page is not in the log',
    () => withLines({ t: 3, proc: 'page-0', op: 'typed', type: 'invoke', user: noor, conv: pair, hash: 'beef' }),
  ],
  ['C2', 'one command stands in the log twice', () => withTwin()],
  ['C2', 'a message id was given twice', () => withDouble()],
  ['C3', 'a seq is missing', () => withDump((entries) => entries.filter((_, i) => i !== 3))],
  [
    'C3',
    'a seq stands there twice',
    () => withDump((entries) => [...entries, { ...(entries[12] as LogEntry), messageId: '1', cmid: 'x' }]),
  ],
  ['C3', 'the running count is wrong', () => withDump((entries) => entries.map((e, i) => (i === 7 ? { ...e, count: 9 } : e)))],
  ['C3', 'membershipSeq is wrong', () => withDump((entries) => entries.map((e, i) => (i === 7 ? { ...e, membershipSeq: 4 } : e)))],
  ['C3', 'time goes back', () => withDump((entries) => entries.map((e, i) => (i === 7 ? { ...e, at: 1 } : e)))],
  [
    'C3',
    'a log does not begin with its creation',
    () => withDump((entries) => entries.map((e, i) => (i === 11 ? { ...e, kind: 'settings' } : e))),
  ],
  ['C4', 'an ack names another seq', () => mend(isSend('ok', second), (ok) => [{ ...ok, seq: 99 }])],
  ['C4', 'a second ack names another message', () => mend(isSend('ok', second), (ok) => [ok, { ...ok, t: ok.t + 9, messageId: '1' }])],
  ['C4', 'what nobody sent is acked', () => mend(isSend('ok', second), (ok) => [ok, { ...ok, cmid: 'id-of-nobody' }])],
  [
    'C5',
    'a refused message is in the log',
    () => mend(isSend('ok', second), ({ t, proc, conv, cmid }) => [{ t, proc, op: 'send', type: 'fail', conv, cmid, code: 'FORBIDDEN' }]),
  ],
  ['C5', 'a message in the log was never sent', () => mend(((l) => l.op === 'send' && l.cmid === second) as Is<HistoryLine>, () => [])],
  ['C5', 'a member was removed whom nobody asked to remove', () => mend(isChange(`id-${room}-7`), () => [])],
  [
    'C5',
    'a refused change is in the log',
    () =>
      mend(isChange(`id-${room}-11`), (line) => [
        line.type === 'invoke' ? line : { t: line.t, proc: line.proc, op: 'change', type: 'fail', id: line.id, code: 'FORBIDDEN' },
      ]),
  ],
  ['C6', 'an entry is skipped', () => tell('d_noor', [1, 4], [6, 11])],
  ['C6', 'entries are told out of order', () => tell('d_noor', [1, 4], [6, 11], [5, 5])],
  ['C6', 'something is left out after a crash', () => afterCrash([1, 4], [6, 11])],
  ['C6', 'a page leaves a row out', () => screen([1, null])],
  ['C7', 'the last entry is never told', () => tell('d_noor', [1, 10])],
  ['C7', 'a device is never told anything', () => tell('d_noor')],
  ['C7', 'a device holds another text', () => mend(isView('d_amina2', room), (line) => [garbled(line, 5)])],
  ['C7', 'a device lacks an entry', () => mend(isView('d_amina2', room), (line) => [reaching(line, -1)])],
  ['C7', 'a page shows another text', () => screen([1, null], [2, 'Bis morgen!'])],
  ['C8', 'sent after an ack, stored below it', () => mend(isSend('invoke', second), (line) => [{ ...line, t: 162_000, proc: 'd_amina2' }])],
  ['C9', "one device's messages change places", () => mend(isSend('invoke', `id-${room}-8`), (line) => [{ ...line, t: 180_500 }])],
  ['C10', 'the text is another', () => mend(isSend('invoke', second), (line) => [{ ...line, hash: '0' }])],
  ['C10', 'the target is another', () => mend(isSend('invoke', `id-${room}-3`), (line) => [{ ...line, target: 5 }])],
  ['C11', 'a removed member is told what came later', () => tell('d_kenji', [4, 8])],
  ['C11', 'a late joiner is told what came before', () => tell('d_kenji', [3, 7])],
  ['C11', 'an outsider is told anything', () => withLines(told('d_kenji', 700_000, 1, 1, pair))],
  ['C11', 'a removed member holds what came later', () => mend(isView('d_kenji', room), (line) => [reaching(line, 1)])],
  ['C11', 'an outsider is shown a conversation', () => mend(isView('d_noor', pair), (line) => [line, { ...line, user: kenji }])],
  ['C12', 'a read cursor goes back', () => withLines(cursor(950_000, 4))],
  ['C12', 'a read cursor goes back over a restart', () => withLines(...leaveAndReturn(910_000), cursor(950_000, 4))],
  ['C12', 'a crash takes back a cursor that was stored', () => withLines(crash(910_000, { [room]: 5 }), cursor(950_000, 4))],
  ['C12', 'a crash takes back more than was not stored', () => withLines(crash(910_000, { [room]: 3 }), cursor(950_000, 2))],
  ['C12', 'a cursor goes back after a crash', () => withLines(crash(910_000, {}), cursor(950_000, 5), cursor(960_000, 4))],
  ['C12', 'a reading is lost', () => withLines({ t: 950_000, proc: 'd_noor', op: 'read', type: 'invoke', user: noor, conv: room, seq: 8 })],
  ['C12', 'unread counts a deleted message', () => mend(isView('d_amina', room), (line) => [{ ...line, unread: line.unread + 1 }])],
  ['C12', 'a mention is not counted', () => mend(isView('d_amina', room), (line) => [{ ...line, mentions: line.mentions + 1 }])],
  ['C12', 'a list is in another order', () => mend(isOp('list', 'd_noor'), (line) => [{ ...line, order: [...line.order].reverse() }])],
  ['C12', 'a list has one row too many', () => mend(isOp('list', 'd_noor'), (line) => [{ ...line, order: [...line.order, 'c_00x'] }])],
  ['C13', 'an entry is told twice', () => tell('d_noor', [1, 5], [5, 11])],
  ['C13', 'everything is told twice', () => tell('d_noor', [1, 11], [1, 11])],
  ['C13', 'a page shows a row twice', () => screen([1, null], [2, 'Bis gleich!'], [2, 'Bis gleich!'])],
  [
    'C13',
    'every third frame repeats one',
    () => withLines({ t: 960_000, proc: 'd_noor', op: 'raw', type: 'ok', frames: 60, repeated: 30 }),
  ],
  ['C14', 'an entry takes a minute', () => mend(isOp('deliver', 'd_noor'), (line) => [{ ...line, lagMs: 60_000, t: line.t + 70_000_000 }])],
  ['C14', 'a device needs two minutes to come back', () => withLines(lost('d_noor', 2_000_000), back('d_noor', 122_000_000))],
  ['C14', 'a device never comes back', () => withLines(lost('d_noor', 2_000_000), back('d_amina', 122_000_000))],
  [
    'C14',
    'recovery takes long after the fault is healed',
    () => withLines(strike('cut', 130_000), lost('d_noor', 1_000_000), heal('cut', 9_000_000), back('d_noor', 70_000_000)),
  ],
  ['V', 'there are too few operations', () => ({ ...honest(), options: { operationsMin: 1_000 } })],
  ['V', 'no outcome was ever unknown', () => mend(((l) => l.type === 'info' && l.op === 'send') as Is<HistoryLine>, () => [])],
  ['V', 'there was no fault', () => mend(isOp('fault'), () => [])],
  ['V', 'nothing was under way during a fault', () => withLines(strike('cut', 600_000), heal('cut', 700_000))],
  ['V', 'a fault is never healed', () => withLines(strike('cut', 600_000))],
  ['V', 'a device shows nothing in the end', () => mend(isOp('list', 'd_noor'), () => [])],
]

describe('the checker', () => {
  test.each(bad)('[%s] fires, and no other, when %s', (names, _what, run) => {
    expect(found(run())).toEqual(names.split(' '))
  })

  test.each(bad)('[%s] fires too, when each side is judged by itself and %s', (_names, _what, run) => {
    const { history, dump, options = {} } = run()
    const together = check(history, dump, options)
    const apart = conclude([lookAt(['sent'], history, dump, options), lookAt(['shown'], history, dump, options)])
    expect(apart.counts).toEqual(together.counts)
    expect(apart.figures).toEqual(together.figures)
    expect(new Set(apart.kept)).toEqual(new Set(together.kept))
  })

  test('[C1-C14] every check has a bad history of its own', () => {
    const names = new Set(bad.map(([name]) => name))
    expect([...Array.from({ length: 14 }, (_, i) => `C${i + 1}`), 'V'].filter((name) => !names.has(name as CheckName))).toEqual([])
  })

  const good: readonly (readonly [what: string, run: () => Run])[] = [
    ['an honest history', honest],
    ['a lost ack: the outcome is unknown', () => mend(isSend('ok', second), () => [])],
    ['a message that never came to be, and was never acked', () => withUnknown()],
    ['a retry that begins anew', () => mend(isSend('invoke', second), (line) => [line, { ...line, t: line.t + 300 }])],
    ['an ack that stands in the file before its command', () => ({ ...honest(), history: [...honest().history].reverse() })],
    ['a device that has begun before all clocks', () => withLines(lost('d_noor', -2_000), back('d_noor', -1_000))],
    ['a reset, after which everything is told anew', () => afterReset()],
    ['a crash, after which what was not noted is told once more', () => afterCrash([1, 7], [5, 11])],
    ['a crash, after which it goes on where it was', () => afterCrash([1, 7], [8, 11])],
    ['a crash that takes back a cursor to what was stored', () => withLines(crash(910_000, { [room]: 3 }), cursor(950_000, 3))],
    ['a crash that takes back a cursor when nothing was stored', () => withLines(crash(910_000, {}), cursor(950_000, 0))],
    [
      'a crash of which nobody knows what was stored',
      () => withLines({ t: 910_000, proc: 'd_amina2', op: 'crash', type: 'info' }, cursor(950_000, 0)),
    ],
    ['a restart that shows the same cursor again', () => withLines(...leaveAndReturn(910_000), cursor(950_000, 5))],
    ['a former member who knows of a later deletion', () => formerMember(0)],
    ['a former member who does not know of a later deletion', () => formerMember(1)],
    ['an entry that met a fault on its way', () => mend(isOp('deliver', 'd_noor'), (line) => [{ ...line, lagMs: 60_000 }])],
    ['a device that is back soon after a long fault', () => recovered()],
    [
      'a device that went away by its own will',
      () => withLines({ t: 2_000_000, proc: 'd_noor', op: 'connect', type: 'info' }, back('d_amina', 900_000_000)),
    ],
  ]
  test.each(good)('stays silent about %s', (_what, run) => {
    const { history, dump, options } = run()
    expect(check(history, dump, options).kept).toEqual([])
  })

  test('reads once what devices write, runs of deliveries late and over one another, and twice what stands in no order', () => {
    const { history, dump } = honest()
    const late = history.filter(isOp('deliver')).filter(({ conv }) => conv === room)
    const overlapping = [...history.filter((line) => !late.includes(line as DeliverLine)), ...late]
    const readsOf = (lines: readonly HistoryLine[]) => {
      let reads = 0
      const counted = {
        [Symbol.iterator]: () => {
          reads++
          return lines[Symbol.iterator]()
        },
      }
      expect(check(counted, dump).kept).toEqual([])
      return reads
    }
    expect(readsOf(history)).toBe(1)
    expect(readsOf(overlapping)).toBe(1)
    expect(readsOf([...history].reverse())).toBe(2)
  })

  test('is quick with many violations too', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => [
      lost('d_noor', 2_000_000 + i * 100_000_000),
      back('d_noor', 2_000_000 + i * 100_000_000 + 90_000_000),
    ])
    const { history, dump } = withLines(...lines.flat())
    const begun = performance.now()
    expect(check(history, dump).counts.get('C14')).toBe(20_000)
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  test('a deletion of what is not there yet deletes nothing', () => {
    const { dump } = honest()
    const expected = new Expected({
      ...dump,
      entries: dump.entries.map((entry) => (entry.kind === 'delete' ? { ...entry, target: 11 } : entry)),
    })
    expect(expected.conversations.get(room)?.isDeleted(11)).toBe(false)
  })

  test('bounds come from the caller before the history, and from the history before the defaults', () => {
    expect(found(honest())).toEqual([])
    expect(found({ ...honest(), options: { operationsMin: 50 } })).toEqual(['V'])
    const unbounded = honest().history.filter(({ op }) => op !== 'run')
    expect(found({ ...honest(), history: unbounded })).toEqual(['V'])
  })

  test('says what was looked at', () => {
    const { history, dump } = honest()
    expect(Object.fromEntries(check(history, dump).figures)).toEqual({
      entries: 13,
      conversations: 2,
      devices: 4,
      operations: 12,
      faults: 1,
      'of unknown outcome': 5,
      'entries told': 43,
      'entry frames': 40,
      'of them repeated': 2,
      'worst delivery ms': 12,
      'worst recovery ms': 10,
    })
  })

  test('keeps the first fifty of a kind, and counts them all', () => {
    const lines = Array.from({ length: 80 }, (_, i) => told('d_kenji', 700_000 + i, 1, 1, pair))
    const { history, dump } = withLines(...lines)
    const verdict = check(history, dump)
    expect([verdict.total, verdict.kept.length]).toEqual([80, 50])
  })
})

const acked = { proc: 'd_noor', op: 'send', conv: pair, cmid: 'acked-and-lost' } as const
function sent(): HistoryLine[] {
  return [
    { ...acked, t: 300_000, type: 'invoke', user: noor, kind: 'message', target: null, hash: '1f' },
    { ...acked, t: 301_000, type: 'ok', seq: 2, messageId: '77' },
  ]
}

function withUnknown(): Run {
  const [invoke] = sent()
  return withLines(invoke as HistoryLine, { ...acked, t: 301_000, type: 'info', code: 'TIMEOUT' })
}

function withTwin(): Run {
  const { history, dump } = honest([...said, [pair, amina, 'message', said[12]?.[3] ?? {}]])
  const twin = (e: LogEntry) => (e.conv === pair && e.seq === 3 ? { ...e, cmid: `id-${pair}-2` } : e)
  const others = history.filter((line) => !(line.op === 'send' && line.cmid === `id-${pair}-3`))
  return { history: others, dump: { ...dump, entries: dump.entries.map(twin) } }
}

function withDouble(): Run {
  const dump = dumpOf(said)
  const entries = dump.entries.map((e, i) => (i === 12 ? { ...e, messageId: '9000' } : e))
  return { dump: { ...dump, entries }, history: historyOf({ ...dump, entries }) }
}

function afterReset(): Run {
  const again = honest().history.filter(isOp('deliver', 'd_noor'))
  return withLines({ t: 600_000, proc: 'd_noor', op: 'reset', type: 'info' }, ...again.map((line) => ({ ...line, t: line.t + 200_000 })))
}

function afterCrash(first: readonly [number, number], then: readonly [number, number]): Run {
  const run = tell('d_noor', first)
  const crash: HistoryLine = { t: 510_000, proc: 'd_noor', op: 'crash', type: 'info' }
  return { ...run, history: [...run.history, crash, told('d_noor', 520_000, ...then)] }
}

/** Kenji's count, when Noor deletes what he was told of after he has gone: with it and without it are both right. */
function formerMember(unread: number): Run {
  const run = honest([
    ...said.slice(0, 5),
    [room, noor, 'message', { text: 'ありがとう、気をつけて' }],
    [room, amina, 'removed', { userId: kenji }],
    [room, noor, 'delete', { target: 6 }],
  ])
  return { ...run, history: run.history.map((line) => (isView('d_kenji', room)(line) ? { ...line, unread } : line)) }
}

function recovered(): Run {
  return withLines(strike('cut', 130_000), lost('d_noor', 1_000_000), heal('cut', 100_000_000), back('d_noor', 104_000_000))
}
