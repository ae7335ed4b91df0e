import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import type { Dump, LogEntry } from './dump.ts'
import { Expected } from './expect.ts'
import type { HistoryLine, ListLine, ViewLine } from './history.ts'
import { bodyHash, type Content, packDigests } from './shown.ts'
import type { CheckName } from './violations.ts'

const room = 'c_00familie'
const pair = 'c_00amina-noor'
const [amina, noor, kenji] = ['u_amina', 'u_noor', 'u_kenji']
const deviceOf: Record<string, string> = { d_amina: amina, d_amina2: amina, d_noor: noor, d_kenji: kenji }

/** [conversation, sender, kind, content]; seq, count and the rest follow. */
type Said = readonly [conv: string, sender: string, kind: string, content: Content]

const said: readonly Said[] = [
  [
    room,
    amina,
    'created',
    {
      conversation: 'group',
      name: 'Familie 👩‍👩‍👧‍👦',
      history: 'joined',
      members: [
        { userId: amina, role: 'owner' },
        { userId: noor, role: 'member' },
      ],
    },
  ],
  [room, amina, 'message', { text: 'صباح الخير جميعاً، القطار متأخر' }],
  [room, noor, 'reaction', { target: 2, emoji: '🙏', on: true }],
  [room, amina, 'added', { members: [{ userId: kenji, role: 'member' }] }],
  [room, kenji, 'message', { text: '電車が遅れています', mentions: [amina] }],
  [room, kenji, 'edit', { target: 5, text: '電車が十分ほど遅れています' }],
  [room, amina, 'removed', { userId: kenji }],
  [room, noor, 'message', { text: 'Wer holt die Schlüssel?', replyTo: 5 }],
  [room, noor, 'message', { text: 'wrong chat, sorry' }],
  [room, noor, 'delete', { target: 9 }],
  [room, amina, 'renamed', { name: 'Familie' }],
  [
    pair,
    amina,
    'created',
    {
      conversation: 'direct',
      name: null,
      history: 'joined',
      members: [
        { userId: amina, role: 'member' },
        { userId: noor, role: 'member' },
      ],
    },
  ],
  [pair, amina, 'message', { text: '```ts\nconst x = rows.at(-1)\n```' }],
]

function dumpOf(list: readonly Said[]): Dump {
  const heads = new Map<string, { seq: number; count: number; membershipSeq: number }>()
  const entries = list.map(([conv, senderId, kind, content], i): LogEntry => {
    const before = heads.get(conv) ?? { seq: 0, count: 0, membershipSeq: 0 }
    const seq = before.seq + 1
    const isMembership = ['created', 'added', 'removed', 'renamed'].includes(kind)
    const head = { seq, count: before.count + (kind === 'message' ? 1 : 0), membershipSeq: isMembership ? seq : before.membershipSeq }
    heads.set(conv, head)
    const target = content.target ?? null
    return { ...head, conv, senderId, kind, content, target, messageId: `${9_000 + i}`, at: 1_000 + i, cmid: `id-${conv}-${seq}` }
  })
  return { entries, cursors: [{ conv: room, user: amina, delivered: 11, read: 5, shown: 5 }] }
}

/** What an honest system would have recorded. */
function historyOf(dump: Dump): HistoryLine[] {
  const lines: HistoryLine[] = [{ t: 5, proc: 'server', op: 'server', type: 'info', inFlight: 3 }]
  for (const [i, { conv, senderId, kind, content, target, cmid, seq, messageId }] of dump.entries.entries()) {
    const t = 100 + i * 10
    const proc = Object.keys(deviceOf).find((device) => deviceOf[device] === senderId) as string
    if (['message', 'edit', 'delete', 'reaction'].includes(kind)) {
      lines.push({ t, proc, op: 'send', type: 'invoke', user: senderId, conv, cmid, kind, target, hash: bodyHash(kind, content) })
      lines.push({ t: t + 1, proc, op: 'send', type: 'ok', conv, cmid, seq, messageId })
    } else if (kind !== 'created') {
      const subject = content.members?.[0]?.userId ?? content.userId ?? content.name ?? ''
      lines.push({ t, proc, op: 'change', type: 'invoke', user: senderId, conv, id: cmid, change: kind, subject })
      lines.push({ t: t + 1, proc, op: 'change', type: 'ok', id: cmid })
    }
  }
  const expected = new Expected(dump)
  for (const [proc, user] of Object.entries(deviceOf)) lines.push(...endOf(proc, user, expected))
  lines.push({ t: 900, proc: 'd_amina', op: 'read', type: 'invoke', user: amina, conv: room, seq: 5 })
  lines.push({ t: 901, proc: 'd_amina2', op: 'cursor', type: 'ok', conv: room, read: 5 })
  return lines
}

function endOf(proc: string, user: string, expected: Expected): HistoryLine[] {
  const lines: HistoryLine[] = []
  for (const conversation of expected.conversationsOf(user)) {
    const { id: conv, name, members } = conversation
    const spans = conversation.spansOf(user)
    const digests: number[] = []
    for (const [from, to] of spans) {
      lines.push({ t: 500 + from, proc, op: 'deliver', type: 'ok', conv, from, to })
      for (let seq = from; seq <= to; seq++) digests.push(conversation.digestFor(seq, spans) ?? 0)
    }
    const read = expected.readUpTo(conv, user)
    const { unread, mentions } = conversation.unread(user, read)
    lines.push({
      t: 1_000,
      proc,
      op: 'view',
      type: 'ok',
      user,
      conv,
      head: spans.at(-1)?.[1] ?? 0,
      at: conversation.activityFor(user) ?? 0,
      read,
      unread,
      mentions,
      name,
      role: members.get(user) ?? null,
      memberCount: members.size,
      peer: null,
      entries: packDigests(spans, Uint32Array.from(digests)),
    })
  }
  const order = expected.listOf(user).map(({ conv }) => conv)
  return [...lines, { t: 1_000, proc, op: 'list', type: 'ok', user, order }]
}

const options = { operationsMin: 3, killsMin: 1 }
const judge = (history: readonly HistoryLine[], dump: Dump) => [...check(history, dump, options).counts.keys()]

/** Puts something in the place of the lines that match. */
function mend<T extends HistoryLine>(matches: (line: HistoryLine) => line is T, change: (line: T) => HistoryLine | null) {
  const { history, dump } = good()
  let hit = false
  const changed = history.flatMap((line) => {
    if (hit || !matches(line)) return [line]
    hit = true
    const other = change(line)
    return other ? [other] : []
  })
  expect(hit).toBe(true)
  return judge(changed, dump)
}

function good() {
  const dump = dumpOf(said)
  return { dump, history: historyOf(dump) }
}

const isOk = (line: HistoryLine) => line.op === 'send' && line.type === 'ok'
const isView =
  (proc: string, conv: string) =>
  (line: HistoryLine): line is ViewLine =>
    line.op === 'view' && line.proc === proc && line.conv === conv

describe('the checker', () => {
  test('finds nothing in an honest history', () => {
    const { history, dump } = good()
    expect(check(history, dump, options).kept).toEqual([])
  })

  const without = (seq: number): Dump => dumpOf(said.filter((_, i) => i !== seq - 1))
  const bad: readonly (readonly [CheckName, string, () => readonly CheckName[]])[] = [
    ['C1', 'an acked message is not in the log', () => judge(good().history, without(13))],
    ['C1', 'an acked removal is not in the log', () => judge(good().history, dumpOf(said.filter(([, , kind]) => kind !== 'removed')))],
    [
      'C1',
      'what was typed into a page is not in the log',
      () =>
        judge([...good().history, { t: 3, proc: 'page', op: 'typed', type: 'invoke', user: noor, conv: pair, hash: 'beef' }], good().dump),
    ],
    [
      'C2',
      'one command stands in the log twice',
      () => {
        const { dump, history } = good()
        const first = dump.entries[12] as LogEntry
        return judge(history, { ...dump, entries: [...dump.entries, { ...first, seq: 3, count: 2, messageId: '1' }] })
      },
    ],
    [
      'C2',
      'a message id was given twice',
      () => {
        const { dump, history } = good()
        return judge(history, { ...dump, entries: dump.entries.map((e, i) => (i === 12 ? { ...e, messageId: '9000' } : e)) })
      },
    ],
    [
      'C3',
      'a seq is missing',
      () => {
        const { dump, history } = good()
        return judge(history, { ...dump, entries: dump.entries.filter((_, i) => i !== 3) })
      },
    ],
    [
      'C3',
      'the running count is wrong',
      () => {
        const { dump, history } = good()
        return judge(history, { ...dump, entries: dump.entries.map((e, i) => (i === 7 ? { ...e, count: 9 } : e)) })
      },
    ],
    ['C4', 'an ack names another seq', () => mend(isOk as (l: HistoryLine) => l is HistoryLine, (l) => ({ ...l, seq: 99 }) as HistoryLine)],
    [
      'C4',
      'a second ack names another message',
      () => {
        const { history, dump } = good()
        const ok = history.find(isOk) as HistoryLine
        return judge([...history, { ...ok, t: 999, messageId: '1' } as HistoryLine], dump)
      },
    ],
    [
      'C5',
      'a refused message is in the log',
      () =>
        mend(
          isOk as (l: HistoryLine) => l is HistoryLine,
          (l) => ({ t: l.t, proc: l.proc, op: 'send', type: 'fail', conv: room, cmid: `id-${room}-2`, code: 'FORBIDDEN' }) as HistoryLine,
        ),
    ],
    [
      'C5',
      'a message in the log was never sent',
      () => {
        const { history, dump } = good()
        return judge(
          history.filter((line) => !(line.op === 'send' && line.cmid === `id-${pair}-2`)),
          dump,
        )
      },
    ],
    [
      'C5',
      'a member was removed whom nobody asked to remove',
      () =>
        judge(
          good().history.filter((line) => !(line.op === 'change' && line.id === `id-${room}-7`)),
          good().dump,
        ),
    ],
    ['C6', 'an entry is told twice', () => tell('d_noor', [1, 5], [5, 11])],
    ['C6', 'entries are told out of order', () => tell('d_noor', [1, 4], [6, 11], [5, 5])],
    ['C6', 'an entry is skipped', () => tell('d_noor', [1, 4], [6, 11])],
    ['C7', 'the last entry is never told', () => tell('d_noor', [1, 10])],
    ['C7', 'a device holds another text', () => mend(isView('d_amina2', room), (line) => ({ ...line, entries: garbled(line, 5) }))],
    ['C7', 'a device lacks an entry', () => mend(isView('d_amina2', room), (line) => ({ ...line, entries: shortened(line) }))],
    [
      'C8',
      'sent after an ack, stored below it',
      () => {
        const { history, dump } = good()
        return judge(
          history.map((line) => (line.op === 'send' && line.cmid === `id-${room}-2` ? { ...line, t: line.t + 70 } : line)),
          dump,
        )
      },
    ],
    [
      'C9',
      "one device's messages change places",
      () => {
        const { history, dump } = good()
        return judge(
          history.map((line) => (line.op === 'send' && line.cmid === `id-${room}-8` ? { ...line, t: 195 } : line)),
          dump,
        )
      },
    ],
    [
      'C10',
      'the text is another',
      () =>
        mend(
          (line): line is HistoryLine => line.op === 'send' && line.type === 'invoke',
          (line) => ({ ...line, hash: '0' }) as HistoryLine,
        ),
    ],
    ['C11', 'a removed member is told what came later', () => tell('d_kenji', [4, 8])],
    ['C11', 'a late joiner is told what came before', () => tell('d_kenji', [3, 7])],
    [
      'C11',
      'an outsider is told anything',
      () => judge([...good().history, { t: 700, proc: 'd_kenji', op: 'deliver', type: 'ok', conv: pair, from: 1, to: 1 }], good().dump),
    ],
    [
      'C12',
      'a read cursor goes back',
      () => judge([...good().history, { t: 950, proc: 'd_amina2', op: 'cursor', type: 'ok', conv: room, read: 4 }], good().dump),
    ],
    [
      'C12',
      'a reading is lost',
      () => judge([...good().history, { t: 950, proc: 'd_noor', op: 'read', type: 'invoke', user: noor, conv: room, seq: 8 }], good().dump),
    ],
    ['C12', 'unread counts a deleted message', () => mend(isView('d_amina', room), (line) => ({ ...line, unread: line.unread + 1 }))],
    [
      'C12',
      'a list is in another order',
      () =>
        mend(
          (l): l is ListLine => l.op === 'list',
          (l) => ({ ...l, order: [...l.order].reverse() }),
        ),
    ],
    [
      'C6',
      'a page shows a row twice',
      () =>
        screen([
          [1, null],
          [2, 'x'],
          [2, 'x'],
        ]),
    ],
    [
      'C7',
      'a page shows another text',
      () =>
        screen([
          [1, null],
          [2, 'const y = 1'],
        ]),
    ],
    [
      'V',
      'nothing was under way at the kill',
      () => judge([...good().history, { t: 9, proc: 'server', op: 'server', type: 'info', inFlight: 0 }], good().dump),
    ],
    [
      'V',
      'there was no kill',
      () =>
        judge(
          good().history.filter(({ op }) => op !== 'server'),
          good().dump,
        ),
    ],
  ]
  test.each(bad)('[%s] fires when %s', (name, _what, run) => {
    expect(run()).toContain(name)
  })

  test('a lost ack is no violation: the outcome is unknown', () => {
    expect(mend(isOk as (l: HistoryLine) => l is HistoryLine, () => null)).toEqual([])
  })

  test('after a reset everything may be told anew', () => {
    const { history, dump } = good()
    const again = history.filter((line) => line.op === 'deliver' && line.proc === 'd_noor').map((line) => ({ ...line, t: line.t + 200 }))
    expect(judge([...history, { t: 600, proc: 'd_noor', op: 'reset', type: 'info' }, ...again], dump)).toEqual([])
  })

  test('two hundred thousand commands are judged within seconds', { timeout: 60_000 }, () => {
    const dump = dumpOf([
      said[0] as Said,
      ...Array.from({ length: 200_000 }, (_, i): Said => [room, i % 2 ? amina : noor, 'message', { text: `Bus ${i} fällt aus` }]),
    ])
    const history = historyOf(dump)
    const start = performance.now()
    expect(check(history, dump, options).kept.filter(({ check: name }) => name !== 'C12')).toEqual([])
    expect(performance.now() - start).toBeLessThan(15_000)
  })
})

function tell(proc: string, ...runs: readonly (readonly [number, number])[]): readonly CheckName[] {
  const { history, dump } = good()
  const others = history.filter((line) => !(line.op === 'deliver' && line.proc === proc && line.conv === room))
  return judge(
    [...others, ...runs.map(([from, to], i): HistoryLine => ({ t: 500 + i, proc, op: 'deliver', type: 'ok', conv: room, from, to }))],
    dump,
  )
}

function screen(rows: readonly (readonly [number, string | null])[]): readonly CheckName[] {
  const dump = dumpOf([...said.slice(0, -1), [pair, amina, 'message', { text: 'Bis gleich!' }]])
  const history = historyOf(dump)
  return judge([...history, { t: 1_001, proc: 'page-0', op: 'screen', type: 'ok', user: amina, conv: pair, rows }], dump)
}

function garbled({ entries }: ViewLine, seq: number) {
  if (!entries) throw new Error('a view without entries')
  const bytes = Buffer.from(entries.data, 'base64')
  bytes.writeUInt32LE(0xbad, (seq - 1) * 4)
  return { ...entries, data: bytes.toString('base64') }
}

function shortened({ entries }: ViewLine) {
  if (!entries) throw new Error('a view without entries')
  const spans = entries.spans.map(([from, to]): [number, number] => [from, to - 1])
  return { spans, data: Buffer.from(entries.data, 'base64').subarray(0, -4).toString('base64') }
}
