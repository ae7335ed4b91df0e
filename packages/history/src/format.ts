/** Every operation and every field of a history, as a table: what a reader accepts, and what docs/delivery.md has to describe. */
import type { HistoryLine, LineOf } from './history.ts'

/** Why a line is none of a history, or of a dump. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown) => typeof value === 'string'
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isNumbers = (value: unknown) => isObject(value) && Object.values(value).every(Number.isFinite)
const isListOf = (value: unknown, is: (item: unknown) => boolean) => Array.isArray(value) && value.every(is)
const isPair = (value: unknown, second: (item: unknown) => boolean) => isListOf(value, () => true) && hasTwo(value as unknown[], second)
const hasTwo = (pair: unknown[], second: (item: unknown) => boolean) => pair.length === 2 && isCount(pair[0]) && second(pair[1])

const types = {
  text: isText,
  'text or null': (value: unknown) => value === null || isText(value),
  'whole number': isCount,
  'whole number or null': (value: unknown) => value === null || isCount(value),
  'number, or left out': (value: unknown) => value === undefined || Number.isFinite(value),
  'true, or left out': (value: unknown) => value === undefined || typeof value === 'boolean',
  'list of texts': (value: unknown) => isListOf(value, isText),
  'list of [seq, text or null]': (value: unknown) => isListOf(value, (row) => isPair(row, (text) => text === null || isText(text))),
  'cursors or null': (value: unknown) => value === null || (isObject(value) && isCount(value.delivered) && isCount(value.read)),
  'digests or null': (value: unknown) => value === null || isDigests(value),
  'name: number': (value: unknown) => isNumbers(value),
  'name: number, or left out': (value: unknown) => value === undefined || isNumbers(value),
}

/** One u32 an entry: `data` is as long as the spans say. */
function isDigests(value: unknown): boolean {
  if (!isObject(value) || !isText(value.data) || !isListOf(value.spans, (span) => isPair(span, isCount))) return false
  const count = (value.spans as [number, number][]).reduce((sum, [from, to]) => sum + to - from + 1, 0)
  return Buffer.byteLength(value.data as string, 'base64') === count * 4
}

export type FieldType = keyof typeof types
type FieldsOf<L> = { readonly [Name in Exclude<keyof L, 't' | 'proc' | 'op' | 'type' | 'line'>]-?: FieldType }
type Op = HistoryLine['op']
type TypeOf<O extends Op> = Extract<HistoryLine, { readonly op: O }>['type']
type Format = { readonly [O in Op]: { readonly [T in TypeOf<O>]: FieldsOf<LineOf<O, T>> } }

const cmid = { conv: 'text', cmid: 'text' } as const
const ended = { code: 'text' } as const

export const format: Format = {
  run: { info: { command: 'text', bounds: 'name: number' } },
  send: {
    invoke: { ...cmid, user: 'text', kind: 'text', target: 'whole number or null', hash: 'text' },
    ok: { ...cmid, seq: 'whole number', messageId: 'text' },
    fail: { ...cmid, ...ended },
    info: { ...cmid, ...ended },
  },
  change: {
    invoke: { id: 'text', user: 'text', conv: 'text', change: 'text', subject: 'text' },
    ok: { id: 'text' },
    fail: { id: 'text', ...ended },
    info: { id: 'text', ...ended },
  },
  typed: { invoke: { user: 'text', conv: 'text', hash: 'text' } },
  read: { invoke: { user: 'text', conv: 'text', seq: 'whole number' } },
  deliver: { ok: { conv: 'text', from: 'whole number', to: 'whole number', lagMs: 'number, or left out' } },
  cursor: { ok: { conv: 'text', read: 'whole number' } },
  connect: { invoke: { user: 'text' }, ok: {}, info: {} },
  reset: { info: {} },
  crash: { info: { kept: 'name: number, or left out' } },
  raw: { ok: { frames: 'whole number', repeated: 'whole number' } },
  fault: { invoke: { id: 'text', kind: 'text' }, ok: { id: 'text' } },
  view: {
    ok: {
      user: 'text',
      conv: 'text',
      head: 'whole number',
      at: 'whole number',
      read: 'whole number',
      unread: 'whole number',
      mentions: 'whole number',
      name: 'text or null',
      role: 'text or null',
      memberCount: 'whole number',
      peer: 'cursors or null',
      entries: 'digests or null',
      isTail: 'true, or left out',
    },
  },
  list: { ok: { user: 'text', order: 'list of texts' } },
  screen: { ok: { user: 'text', conv: 'text', rows: 'list of [seq, text or null]' } },
}

/** Of an entry of the dump; `content` is what the kind says besides. */
export const entryFields = {
  conv: 'text',
  seq: 'whole number',
  messageId: 'text',
  at: 'whole number',
  senderId: 'text',
  cmid: 'text',
  count: 'whole number',
  membershipSeq: 'whole number',
  kind: 'text',
  target: 'whole number or null',
} as const satisfies Readonly<Record<string, FieldType>>

/** Of `{"cursor": …}` in the dump. */
export const cursorFields = {
  conv: 'text',
  user: 'text',
  delivered: 'whole number',
  read: 'whole number',
  shown: 'whole number',
} as const satisfies Readonly<Record<string, FieldType>>

const envelope = { t: 'number', proc: 'text' }
type Compiled = readonly (readonly [name: string, type: FieldType, is: (value: unknown) => boolean])[]

const compile = (fields: Readonly<Record<string, FieldType>>): Compiled =>
  Object.entries(fields).map(([name, type]) => [name, type, types[type]])
const lines = new Map(
  Object.entries(format).map(([op, byType]) => [op, new Map(Object.entries(byType).map(([type, fields]) => [type, compile(fields)]))]),
)
const entry = compile(entryFields)
const cursor = compile(cursorFields)

/** Throws `FormatError` unless it is a line of a history. */
export function assertLine(value: unknown): asserts value is HistoryLine {
  if (!isObject(value)) throw new FormatError('is no JSON object')
  const { t, proc, op, type } = value
  if (!Number.isFinite(t) || !isText(proc)) throw new FormatError(`needs ${Object.keys(envelope).join(' (a number) and ')} (a text)`)
  const byType = lines.get(op as string)
  if (!byType) throw new FormatError(`has the unknown op ${JSON.stringify(op)}; known are ${[...lines.keys()].join(', ')}`)
  const fields = byType.get(type as string)
  if (!fields) throw new FormatError(`has the type ${JSON.stringify(type)}; ${op} has ${[...byType.keys()].join(', ')}`)
  assertFields(value, fields, `of ${op} ${type}`)
}

/** Throws `FormatError` unless it is an entry of a dump. */
export function assertEntry(value: unknown): asserts value is object {
  if (!isObject(value)) throw new FormatError('is no JSON object')
  assertFields(value, entry, 'of an entry')
  if (!isObject(value.content)) throw new FormatError('needs "content", an object, in an entry')
}

/** Throws `FormatError` unless it is `{"cursor": …}`. */
export function assertCursor(value: unknown): asserts value is { readonly cursor: object } {
  if (!isObject(value) || !isObject(value.cursor)) throw new FormatError('needs an object in "cursor"')
  assertFields(value.cursor, cursor, 'of a cursor')
}

function assertFields(value: Record<string, unknown>, fields: Compiled, where: string): void {
  for (const [name, type, is] of fields)
    if (!is(value[name])) throw new FormatError(`has ${JSON.stringify(value[name]) ?? 'nothing'} as "${name}" ${where}; due is a ${type}`)
}
