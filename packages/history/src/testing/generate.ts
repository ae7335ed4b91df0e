/** An honest run of any size, line by line, to measure the judge with. */
import type { Dump, LogEntry } from '../dump.ts'
import { Expected } from '../expect.ts'
import type { HistoryLine } from '../history.ts'
import { bodyHash, type Content } from '../shown.ts'
import { showingOf } from './showing.ts'

export interface Size {
  /** Commands and readings. */
  readonly operations: number
  readonly users: number
  readonly conversations: number
}

interface Command {
  readonly entry: LogEntry
  readonly t: number
}

const stepUs = 500
const ackUs = 8_000
const membersOfGroup = 12
const texts = [
  '電車が十分ほど遅れています',
  'Wer holt die Schlüssel? 🔑',
  'صباح الخير جميعاً، القطار متأخر',
  'const x = rows.at(-1) // of the last page',
]

const userOf = (i: number) => `u_${String(i).padStart(20, '0')}`
const deviceOf = (user: string) => `d_${user.slice(2)}`
const conversationOf = (i: number) => `c_00${String(i).padStart(18, '0')}`
const idOf = (n: number) => `${(n * 2_654_435_761).toString(16).padStart(16, '0')}-4f1e-${n.toString(16).padStart(12, '0')}`

/** Members of the n-th group: its creator first. */
function membersOf(n: number, users: number): string[] {
  return Array.from({ length: Math.min(membersOfGroup, users) }, (_, i) => userOf((n * 7 + i) % users))
}

function* commandsOf({ operations, users, conversations }: Size): Generator<Command> {
  const heads = new Int32Array(conversations)
  const counts = new Int32Array(conversations)
  let made = 0
  const entryOf = (n: number, senderId: string, kind: string, content: Content): LogEntry => {
    const seq = (heads[n] ?? 0) + 1
    const count = (counts[n] ?? 0) + (kind === 'message' ? 1 : 0)
    heads[n] = seq
    counts[n] = count
    const placed = { conv: conversationOf(n), seq, messageId: `${7_000_000_000_000_000_000n + BigInt(made)}`, at: 1_790_000_000_000 + made }
    return { ...placed, senderId, cmid: idOf(made++), count, membershipSeq: 1, kind, target: content.target ?? null, content }
  }
  for (let n = 0; n < conversations; n++) {
    const [owner = '', ...others] = membersOf(n, users)
    const members = [{ userId: owner, role: 'owner' }, ...others.map((userId) => ({ userId, role: 'member' }))]
    yield { t: n, entry: entryOf(n, owner, 'created', { conversation: 'group', name: `Chor ${n}`, history: 'joined', members }) }
  }
  for (let i = 0; i < operations; i++) {
    // A few conversations have most of the talk.
    const n = Math.floor(((i * 0.618_033_988_7) % 1) ** 3 * conversations)
    const sender = membersOf(n, users)[i % Math.min(membersOfGroup, users)] as string
    const head = heads[n] as number
    const target = head - (i % 5)
    const kind = head < 8 || i % 10 < 7 ? 'message' : (['edit', 'reaction', 'delete'][i % 3] as string)
    const body: Content =
      kind === 'message' ? { text: `${texts[i % 4]} ${i}` } : { target, ...(kind === 'edit' ? { text: 'Verzeihung: 19 Uhr' } : {}) }
    const content = kind === 'reaction' ? { ...body, emoji: '🙏', on: true } : body
    yield { t: 1_000_000 + i * stepUs, entry: entryOf(n, sender, kind, content) }
  }
}

export function generateDump(size: Size): Dump {
  return {
    entries: {
      *[Symbol.iterator]() {
        for (const { entry } of commandsOf(size)) yield entry
      },
    },
    cursors: [],
  }
}

/** Ten faults; every fortieth answer is lost at first; every member is told in runs of about a hundred entries. */
export function* generateHistory(size: Size): Generator<HistoryLine> {
  const end = 1_000_000 + size.operations * stepUs
  for (let i = 0; i < 10; i++) {
    const fault = { proc: 'run', op: 'fault', id: `kill-${i}` } as const
    const t = 1_000_000 + Math.floor((i * (end - 1_000_000)) / 10)
    yield { ...fault, t, type: 'invoke', kind: 'kill' }
    yield { ...fault, t: t + 500_000, type: 'ok' }
  }
  for (let i = 0; i < size.users; i++) {
    const user = userOf(i)
    yield { t: 1, proc: deviceOf(user), op: 'connect', type: 'invoke', user }
    yield { t: 2, proc: deviceOf(user), op: 'connect', type: 'ok' }
  }
  const told = new Int32Array(size.conversations)
  const heads = new Int32Array(size.conversations)
  let i = 0
  for (const { entry, t } of commandsOf(size)) {
    const { conv, seq, cmid, senderId, kind, target, messageId, content } = entry
    const n = Number(conv.slice(4))
    heads[n] = seq
    if (kind !== 'created') {
      const command = { proc: deviceOf(senderId), op: 'send', conv, cmid } as const
      yield { ...command, t, type: 'invoke', user: senderId, kind, target, hash: bodyHash(kind, content) }
      if (i++ % 40 === 0) yield { ...command, t: t + ackUs / 2, type: 'info', code: 'LINK_LOST' }
      yield { ...command, t: t + ackUs, type: 'ok', seq, messageId }
    }
    if (seq - (told[n] as number) >= 100) yield* deliveriesOf(n, t + ackUs, told, heads, size)
  }
  for (let n = 0; n < size.conversations; n++) yield* deliveriesOf(n, end + ackUs, told, heads, size)
  yield* showingsOf(size)
}

function* deliveriesOf(n: number, t: number, told: Int32Array, heads: Int32Array, { users }: Size): Generator<HistoryLine> {
  const [from, to] = [(told[n] as number) + 1, heads[n] as number]
  if (from > to) return
  told[n] = to
  for (const user of membersOf(n, users))
    yield { t, proc: deviceOf(user), op: 'deliver', type: 'ok', conv: conversationOf(n), from, to, lagMs: 9 }
}

/** What everybody shows in the end. */
function* showingsOf(size: Size): Generator<HistoryLine> {
  const expected = new Expected(generateDump(size))
  for (let i = 0; i < size.users; i++) yield* showingOf(deviceOf(userOf(i)), userOf(i), expected, 4e12)
}
