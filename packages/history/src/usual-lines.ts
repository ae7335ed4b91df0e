/** Lines as our recorders write them: the fields in this order, without spaces. */
import type { LogEntry } from './dump.ts'
import { format } from './format.ts'
import type { HistoryLine, LineOf } from './history.ts'
import { type Letters, type LineReader, letters } from './line-reader.ts'

type Op = HistoryLine['op']
type TypeOf<O extends Op> = Extract<HistoryLine, { readonly op: O }>['type']
type Read = (reader: LineReader, t: number, proc: string, line: number) => HistoryLine

/** In the place of a line that nobody asked for. */
export const skipped = Symbol('skipped')

const field = {
  t: letters('{"t":'),
  proc: letters(',"proc":"'),
  user: letters(',"user":"'),
  conv: letters(',"conv":"'),
  cmid: letters(',"cmid":"'),
  kind: letters(',"kind":"'),
  target: letters(',"target":'),
  hash: letters(',"hash":"'),
  code: letters(',"code":"'),
  seq: letters(',"seq":'),
  messageId: letters(',"messageId":"'),
  read: letters(',"read":'),
  from: letters(',"from":'),
  to: letters(',"to":'),
  lagMs: letters(',"lagMs":'),
  at: letters(',"at":'),
  senderId: letters(',"senderId":"'),
  count: letters(',"count":'),
  membershipSeq: letters(',"membershipSeq":'),
  content: letters(',"content":'),
}
const firstConv = letters('{"conv":"')

interface Form {
  /** What stands behind `proc`. */
  readonly head: Letters
  /** null: the line is skipped. */
  readonly read: Read | null
}
type Kind = Form & { readonly op: Op }

function kind<O extends Op, T extends TypeOf<O>>(op: O, type: T, read: (...args: Parameters<Read>) => LineOf<O, T>): Kind {
  return { op, head: letters(`,"op":"${op}","type":"${type}"`), read: read as Read }
}

/** The most frequent first. Values are read in the order in which they stand here. */
const kinds: readonly Kind[] = [
  kind('send', 'ok', (r, t, proc, line) => {
    const conv = r.name(field.conv)
    const cmid = r.text(field.cmid)
    const seq = r.number(field.seq)
    const messageId = r.text(field.messageId)
    return { t, proc, op: 'send', type: 'ok', conv, cmid, seq, messageId, line }
  }),
  kind('send', 'invoke', (r, t, proc, line) => {
    const user = r.name(field.user)
    const conv = r.name(field.conv)
    const cmid = r.text(field.cmid)
    const kind = r.name(field.kind)
    const target = r.numberOrNull(field.target)
    const hash = r.text(field.hash)
    return { t, proc, op: 'send', type: 'invoke', user, conv, cmid, kind, target, hash, line }
  }),
  kind('cursor', 'ok', (r, t, proc, line) => {
    const conv = r.name(field.conv)
    const read = r.number(field.read)
    return { t, proc, op: 'cursor', type: 'ok', conv, read, line }
  }),
  kind('deliver', 'ok', (r, t, proc, line) => {
    const conv = r.name(field.conv)
    const from = r.number(field.from)
    const to = r.number(field.to)
    const told = { t, proc, op: 'deliver', type: 'ok', conv, from, to, line } as const
    return r.passes(field.lagMs) ? { ...told, lagMs: r.numberHere() } : told
  }),
  kind('connect', 'invoke', (r, t, proc, line) => ({ t, proc, op: 'connect', type: 'invoke', user: r.name(field.user), line })),
  kind('connect', 'ok', (_, t, proc, line) => ({ t, proc, op: 'connect', type: 'ok', line })),
  kind('read', 'invoke', (r, t, proc, line) => {
    const user = r.name(field.user)
    const conv = r.name(field.conv)
    const seq = r.number(field.seq)
    return { t, proc, op: 'read', type: 'invoke', user, conv, seq, line }
  }),
  kind('send', 'info', (r, t, proc, line) => {
    const conv = r.name(field.conv)
    const cmid = r.text(field.cmid)
    const code = r.name(field.code)
    return { t, proc, op: 'send', type: 'info', conv, cmid, code, line }
  }),
]

/** Reads the line that the reader stands at; undefined when it is in no usual form. Of lines that are not wanted nothing is told. */
export function usualLine(wanted: (op: Op) => boolean) {
  const ops = new Set([...kinds.map(({ op }) => op), ...(Object.keys(format) as Op[])])
  const forms = [...ops].flatMap((op): readonly Form[] =>
    wanted(op) ? kinds.filter((kind) => kind.op === op) : [{ head: letters(`,"op":"${op}"`), read: null }],
  )
  return (r: LineReader, line: number): HistoryLine | typeof skipped | undefined => {
    const t = r.number(field.t)
    const proc = r.name(field.proc)
    for (const { head, read } of forms) {
      if (!r.passes(head)) continue
      if (read === null) {
        r.skipRest()
        return skipped
      }
      const value = read(r, t, proc, line)
      return r.isAtEnd() ? value : undefined
    }
    return undefined
  }
}

/** Ids that are kept are strings of their own: one takes ten times as long to make as a part of another. */
export function usualEntry(keepsIds: boolean) {
  return (r: LineReader, line: number): LogEntry | undefined => {
    const conv = r.name(firstConv)
    const seq = r.number(field.seq)
    const messageId = keepsIds ? r.keptText(field.messageId) : r.text(field.messageId)
    const at = r.number(field.at)
    const senderId = r.name(field.senderId)
    const cmid = keepsIds ? r.keptText(field.cmid) : r.text(field.cmid)
    const count = r.number(field.count)
    const membershipSeq = r.number(field.membershipSeq)
    const kind = r.name(field.kind)
    const target = r.numberOrNull(field.target)
    const content = r.content(field.content)
    return r.isAtEnd() ? { conv, seq, messageId, at, senderId, cmid, count, membershipSeq, kind, target, content, line } : undefined
  }
}
