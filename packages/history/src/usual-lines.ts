/** The forms in which our recorders write: fields in this order, without spaces. */
import type { LogEntry } from './dump.ts'
import { type FieldType, format } from './format.ts'
import type { Form } from './forms.ts'
import type { HistoryLine, LineOf } from './history.ts'
import type { Content } from './shown.ts'
import type { Skipped } from './sides.ts'

type Op = HistoryLine['op']
type TypeOf<O extends Op> = Extract<HistoryLine, { readonly op: O }>['type']
type Values<L, Fields extends readonly (keyof L)[]> = { readonly [I in keyof Fields]: Exclude<L[Fields[I]], undefined> }

const names: ReadonlySet<string> = new Set(['conv', 'user', 'kind', 'code'])
const slots: Partial<Record<FieldType, string>> = {
  text: '"~"',
  'whole number': '#',
  'whole number or null': '?',
  'number, or left out': '#',
}

function form<O extends Op, T extends TypeOf<O>, const Fields extends readonly (keyof LineOf<O, T> & string)[]>(
  op: O,
  type: T,
  fields: Fields,
  make: (values: readonly [t: number, proc: string, ...Values<LineOf<O, T>, Fields>], line: number) => LineOf<O, T>,
): Form<HistoryLine> & { readonly op: Op } {
  const types = format[op][type] as unknown as Readonly<Record<string, FieldType>>
  const rest = fields.map((name) => `,"${name}":${names.has(name) ? '"@"' : slots[types[name] as FieldType]}`)
  return {
    op,
    text: `{"t":#,"proc":"@","op":"${op}","type":"${type}"${rest.join('')}}`,
    make: make as unknown as Form<HistoryLine>['make'],
  }
}

/** The most frequent first. */
export const usualLines: readonly (Form<HistoryLine> & { readonly op: Op })[] = [
  form('send', 'ok', ['conv', 'cmid', 'seq', 'messageId'], ([t, proc, conv, cmid, seq, messageId], line) => {
    return { t, proc, op: 'send', type: 'ok', conv, cmid, seq, messageId, line }
  }),
  form('send', 'invoke', ['user', 'conv', 'cmid', 'kind', 'target', 'hash'], ([t, proc, user, conv, cmid, kind, target, hash], line) => {
    return { t, proc, op: 'send', type: 'invoke', user, conv, cmid, kind, target, hash, line }
  }),
  form('cursor', 'ok', ['conv', 'read'], ([t, proc, conv, read], line) => ({ t, proc, op: 'cursor', type: 'ok', conv, read, line })),
  form('deliver', 'ok', ['conv', 'from', 'to', 'lagMs'], ([t, proc, conv, from, to, lagMs], line) => {
    return { t, proc, op: 'deliver', type: 'ok', conv, from, to, lagMs, line }
  }),
  form('deliver', 'ok', ['conv', 'from', 'to'], ([t, proc, conv, from, to], line) => {
    return { t, proc, op: 'deliver', type: 'ok', conv, from, to, line }
  }),
  form('connect', 'invoke', ['user'], ([t, proc, user], line) => ({ t, proc, op: 'connect', type: 'invoke', user, line })),
  form('connect', 'ok', [], ([t, proc], line) => ({ t, proc, op: 'connect', type: 'ok', line })),
  form('read', 'invoke', ['user', 'conv', 'seq'], ([t, proc, user, conv, seq], line) => {
    return { t, proc, op: 'read', type: 'invoke', user, conv, seq, line }
  }),
  form('send', 'info', ['conv', 'cmid', 'code'], ([t, proc, conv, cmid, code], line) => {
    return { t, proc, op: 'send', type: 'info', conv, cmid, code, line }
  }),
]

/** Any line of an operation. */
export function skippedLine(op: Op): Form<Skipped> {
  return { text: `{"t":#,"proc":"@","op":"${op}"*`, make: ([t]) => ({ t: t as number, op: 'skipped' }) }
}

export const usualEntry: Form<LogEntry> = {
  text:
    '{"conv":"@","seq":#,"messageId":"$","at":#,"senderId":"@","cmid":"$",' +
    '"count":#,"membershipSeq":#,"kind":"@","target":?,"content":&}',
  make: (values, line) => {
    const [conv, seq, messageId, at, senderId, cmid, count, membershipSeq, kind, target, content] = values as EntryValues
    return { conv, seq, messageId, at, senderId, cmid, count, membershipSeq, kind, target, content, line }
  },
}

type EntryValues = readonly [
  conv: string,
  seq: number,
  messageId: string,
  at: number,
  senderId: string,
  cmid: string,
  count: number,
  membershipSeq: number,
  kind: string,
  target: number | null,
  content: Content,
]
