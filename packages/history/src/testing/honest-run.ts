/** A small conversation or two, and what an honest system would have recorded of it: the ground on which bad histories are made. */
import type { Dump, LogEntry } from '../dump.ts'
import { Expected } from '../expect.ts'
import type { HistoryLine } from '../history.ts'
import { bodyHash, type Content } from '../shown.ts'
import { showingOf } from './showing.ts'

export const room = 'c_00familie'
export const pair = 'c_00amina-noor'
export const [amina, noor, kenji] = ['u_amina', 'u_noor', 'u_kenji']
const deviceOf: Readonly<Record<string, string>> = { d_amina: amina, d_amina2: amina, d_noor: noor, d_kenji: kenji }

/** [conversation, sender, kind, content]; seq, count and the rest follow. */
export type Said = readonly [conv: string, sender: string, kind: string, content: Content]

const founders = [
  { userId: amina, role: 'owner' },
  { userId: noor, role: 'member' },
]

/** The room, seq by seq, then the pair. */
export const said: readonly Said[] = [
  [room, amina, 'created', { conversation: 'group', name: 'Familie 👩‍👩‍👧‍👦', history: 'joined', members: founders }],
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
  [pair, amina, 'created', { conversation: 'direct', name: null, history: 'joined', members: founders }],
  [pair, amina, 'message', { text: '```ts\nconst x = rows.at(-1)\n```' }],
]

export interface ArrayDump extends Dump {
  readonly entries: readonly LogEntry[]
}

export function dumpOf(list: readonly Said[]): ArrayDump {
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

/** One command every 10 ms, each acked 1 ms later; a kill while the third was under way. */
export function historyOf(dump: ArrayDump): HistoryLine[] {
  const lines: HistoryLine[] = [
    { t: 0, proc: 'run', op: 'run', type: 'info', command: 'npm run acceptance -- --seed abc', bounds: { operationsMin: 3, infosMin: 1 } },
    { t: 120_500, proc: 'run', op: 'fault', id: 'kill-1', type: 'invoke', kind: 'kill' },
    { t: 160_500, proc: 'run', op: 'fault', id: 'kill-1', type: 'ok' },
  ]
  for (const [i, entry] of dump.entries.entries()) lines.push(...commandOf(entry, 100_000 + i * 10_000))
  const expected = new Expected(dump)
  for (const [proc, user] of Object.entries(deviceOf)) lines.push(...lifeOf(proc, user, expected))
  lines.push({ t: 900_000, proc: 'd_amina', op: 'read', type: 'invoke', user: amina, conv: room, seq: 5 })
  lines.push({ t: 901_000, proc: 'd_amina2', op: 'cursor', type: 'ok', conv: room, read: 5 })
  lines.push({ t: 950_000, proc: 'd_amina', op: 'raw', type: 'ok', frames: 40, repeated: 2 })
  return lines
}

/** Of a message the answer to the first attempt is lost. */
function commandOf({ conv, senderId, kind, content, target, cmid, seq, messageId }: LogEntry, t: number): HistoryLine[] {
  const proc = Object.keys(deviceOf).find((device) => deviceOf[device] === senderId) as string
  if (['message', 'edit', 'delete', 'reaction'].includes(kind)) {
    const command = { proc, op: 'send', conv, cmid } as const
    const hash = bodyHash(kind, content)
    return [
      { ...command, t, type: 'invoke', user: senderId, kind, target, hash },
      ...(kind === 'message' ? [{ ...command, t: t + 500, type: 'info', code: 'LINK_LOST' } as const] : []),
      { ...command, t: t + 1_000, type: 'ok', seq, messageId },
    ]
  }
  if (kind === 'created') return []
  const subject = content.members?.[0]?.userId ?? content.userId ?? content.name ?? ''
  return [
    { t, proc, op: 'change', type: 'invoke', user: senderId, conv, id: cmid, change: kind, subject },
    { t: t + 1_000, proc, op: 'change', type: 'ok', id: cmid },
  ]
}

/** Connects, is told of everything, and shows it. */
function lifeOf(proc: string, user: string, expected: Expected): HistoryLine[] {
  const lines: HistoryLine[] = [
    { t: 10_000, proc, op: 'connect', type: 'invoke', user },
    { t: 20_000, proc, op: 'connect', type: 'ok' },
  ]
  for (const conversation of expected.conversationsOf(user))
    for (const [from, to] of conversation.spansOf(user))
      lines.push({ t: 500_000 + from, proc, op: 'deliver', type: 'ok', conv: conversation.id, from, to, lagMs: 12 })
  return [...lines, ...showingOf(proc, user, expected, 1_000_000)]
}
