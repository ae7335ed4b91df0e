/**
 * An honest run of any size, line by line, to measure the judge with. What an operation makes of lines is as in the acceptance run, counted
 * in one of 1,500 operations: 0.8 begin a command, 1.5 ack it (the answer, and the entry as it comes back), 0.05 are lost at first, 0.2 read,
 * 0.6 show a cursor, 0.3 deliver a run of entries, 0.4 say that a link is lost or back.
 */
import type { CursorRow, Dump, LogEntry } from '../dump.ts'
import { Expected } from '../expect.ts'
import type { HistoryLine } from '../history.ts'
import { getOrMake } from '../maps.ts'
import { bodyHash } from '../shown.ts'
import { sentKinds } from '../stored.ts'
import { showingOf } from './showing.ts'
import { devicesOf, endOf, type Read, randomFrom, type Said, type Size, talkBeginsAt, talkOf, userOf } from './talk.ts'

const ackUs = 8_000
/** Entries of a conversation between two tellings. */
const runLength = 40
const operationsOfFault = 4_000

export function generateDump(size: Size): Dump {
  const cursors = new Map<string, CursorRow>()
  return {
    entries: {
      *[Symbol.iterator]() {
        for (const act of talkOf(size)) {
          const read = readingOf(act)
          if (read)
            cursors.set(`${read.conv} ${read.user}`, {
              conv: read.conv,
              user: read.user,
              delivered: read.seq,
              read: read.seq,
              shown: read.seq,
            })
          if ('entry' in act) yield act.entry
        }
      },
    },
    cursors: {
      *[Symbol.iterator]() {
        yield* cursors.values()
      },
    },
  }
}

/** More lines than lie between one and what it is the cause of. */
const lookahead = 10_000

/** As recorders write it: what happens later stands later. */
export function* generateHistory(size: Size): Generator<HistoryLine> {
  let waiting: HistoryLine[] = []
  const byTime = (one: HistoryLine, other: HistoryLine) => one.t - other.t
  for (const line of happenings(size)) {
    waiting.push(line)
    if (waiting.length < 2 * lookahead) continue
    waiting.sort(byTime)
    yield* waiting.slice(0, lookahead)
    waiting = waiting.slice(lookahead)
  }
  yield* waiting.sort(byTime)
}

function* happenings(size: Size): Generator<HistoryLine> {
  const random = randomFrom(11)
  const users = Array.from({ length: size.users }, (_, i) => userOf(i))
  const devices = users.flatMap((user) => devicesOf(user).map((proc) => ({ proc, user })))
  yield { t: 0, proc: 'run', op: 'run', type: 'info', command: `npm run bench -w @godwit/history -- ${size.operations}`, bounds: {} }
  yield* faultsOf(size)
  for (const { proc, user } of devices) yield* linkOf(proc, user, 1, 2)
  const tellings = new Tellings()
  let commands = 0
  for (const act of talkOf(size)) {
    const { t } = act
    if (random() < 0.2) {
      const { proc, user } = devices[Math.floor(random() * devices.length)] as (typeof devices)[number]
      yield* linkOf(proc, user, t, t + ackUs)
    }
    if ('entry' in act) {
      yield* givenLines(act, random, commands++)
      yield* tellings.follow(act.entry, t + ackUs)
    }
    yield* readLines(act)
  }
  yield* tellings.rest(endOf(size) + ackUs)
  for (const { proc } of devices) yield { t: 4e12, proc, op: 'raw', type: 'ok', frames: 1_000, repeated: 20 }
  yield* showingsOf(size, users)
}

function* faultsOf(size: Size): Generator<HistoryLine> {
  const count = Math.max(1, Math.floor(size.operations / operationsOfFault))
  for (let i = 0; i < count; i++) {
    const fault = { proc: 'run', op: 'fault', id: `kill-${i}` } as const
    const t = talkBeginsAt + Math.floor((i * (endOf(size) - talkBeginsAt)) / count)
    yield { ...fault, t, type: 'invoke', kind: 'kill -9 of the server' }
    yield { ...fault, t: t + 100_000, type: 'ok' }
  }
}

function* linkOf(proc: string, user: string, lostAt: number, backAt: number): Generator<HistoryLine> {
  yield { t: lostAt, proc, op: 'connect', type: 'invoke', user }
  yield { t: backAt, proc, op: 'connect', type: 'ok' }
}

/** Most commands are acked twice; of every twentieth the link was lost meanwhile, and a few were typed into a page. */
function* givenLines({ t, entry, subject }: Said, random: () => number, n: number): Generator<HistoryLine> {
  const { conv, seq, cmid, senderId: user, kind, target, messageId, content } = entry
  const [proc, other] = devicesOf(user) as [string, string?]
  if (subject !== undefined) {
    yield { t, proc, op: 'change', type: 'invoke', user, conv, id: cmid, change: kind, subject }
    yield { t: t + ackUs, proc, op: 'change', type: 'ok', id: cmid }
    return
  }
  if (!sentKinds.has(kind)) return
  const hash = bodyHash(kind, content)
  if (kind === 'message' && n % 2_000 === 0) {
    yield { t, proc: 'page-0', op: 'typed', type: 'invoke', user, conv, hash }
    return
  }
  const command = { proc: random() < 0.3 ? (other ?? proc) : proc, op: 'send' } as const
  yield { t, ...command, type: 'invoke', user, conv, cmid, kind, target, hash }
  if (n % 20 === 0) {
    yield { t: t + 1_000, ...command, type: 'info', conv, cmid, code: 'LINK_LOST' }
    yield* linkOf(command.proc, user, t + 1_000, t + 6_000)
  }
  yield { t: t + ackUs, ...command, type: 'ok', conv, cmid, seq, messageId }
  if (n % 10 > 0) yield { t: t + ackUs + 150, ...command, type: 'ok', conv, cmid, seq, messageId }
}

/** A reading, and the cursor as all devices of the user show it. */
function* readLines(act: Said | Read): Generator<HistoryLine> {
  const read = readingOf(act)
  if (!read) return
  const { t, conv, user, seq } = read
  const [proc = ''] = devicesOf(user)
  if (act === read) yield { t, proc, op: 'read', type: 'invoke', user, conv, seq }
  for (const device of devicesOf(user)) yield { t: t + ackUs, proc: device, op: 'cursor', type: 'ok', conv, read: seq }
}

/** As reading is and as sending may be. */
function readingOf(act: Said | Read): Read | undefined {
  if (!('entry' in act)) return act.seq === 0 ? undefined : act
  const { conv, seq, senderId } = act.entry
  return act.isRead ? { t: act.t, conv, user: senderId, seq } : undefined
}

/** Who has been told how far of what. */
class Tellings {
  readonly #told = new Map<string, { head: number; since: number; readonly next: Map<string, number> }>()

  follow({ conv, seq, kind, content }: LogEntry, t: number): HistoryLine[] {
    const state = getOrMake(this.#told, conv, () => ({ head: 0, since: 0, next: new Map<string, number>() }))
    state.head = seq
    for (const { userId } of content.members ?? []) state.next.set(userId, seq)
    if (seq - state.since < runLength && kind !== 'removed') return []
    const lines = this.#tell(conv, t)
    if (kind === 'removed') state.next.delete(content.userId ?? '')
    return lines
  }

  rest(t: number): HistoryLine[] {
    return [...this.#told.keys()].flatMap((conv) => this.#tell(conv, t))
  }

  #tell(conv: string, t: number): HistoryLine[] {
    const state = this.#told.get(conv)
    if (!state) return []
    const { head: to, next } = state
    state.since = to
    return [...next].flatMap(([user, from]) => {
      next.set(user, to + 1)
      if (from > to) return []
      return devicesOf(user).map((proc) => ({ t, proc, op: 'deliver', type: 'ok', conv, from, to, lagMs: 9 }) as const)
    })
  }
}

/** What everybody shows in the end: every device all of it, plain HTTP the list, and for one user in twenty the entries too. */
function* showingsOf(size: Size, users: readonly string[]): Generator<HistoryLine> {
  const expected = new Expected(generateDump(size))
  for (const [i, user] of users.entries()) {
    for (const proc of [...devicesOf(user), 'http'])
      for (const line of showingOf(proc, user, expected, 4e12))
        yield line.op === 'view' && proc === 'http' && i % 20 > 0 ? { ...line, entries: null } : line
  }
}
