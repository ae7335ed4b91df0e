/** Inputs made worse, each at the level where it is still mostly whole: values, text, frames, headers, bytes. */
import type { Random } from '../../load/src/world/random.ts'
import { type FrameInput, type HttpInput, type Input, plainFrame, textOf, type WireFrame } from './input.ts'
import { headerWords, nuisances, splinters } from './vocabulary.ts'

/** More than any frame or body may have. What is kept is made worse again and again, and must not grow for ever. */
const charsMax = 200_000

/** `other` lends parts. */
export function mutate(input: Input, other: Input, random: Random): Input {
  switch (input.via) {
    case 'frame':
      return mutateFrame(input, other, random)
    case 'http':
      return mutateRequest(input, other, random)
    case 'bytes':
      return { via: 'bytes', bytes: mutateHead(input.bytes, random) }
  }
}

function mutateFrame(input: FrameInput, other: Input, random: Random): FrameInput {
  const text = textOf(input)
  return random.weighted<() => FrameInput>([
    [50, () => ({ ...input, frames: [plainFrame(mutateJson(text, random))] })],
    [20, () => ({ ...input, frames: [plainFrame(mutateText(text, bodyOf(other), random))] })],
    [10, () => ({ ...input, frames: fragments(text, random) })],
    [5, () => ({ ...input, state: random.pick(['fresh', 'greeted', 'live']) })],
    [10, () => ({ ...input, frames: input.frames.map((frame) => mutateWire(frame, random)) })],
    [5, () => ({ ...input, lost: random.int(1, 8) })],
  ])()
}

function mutateRequest(input: HttpInput, other: Input, random: Random): Input {
  const body = input.body ?? '{}'
  const [path = '', query = ''] = input.path.split('?', 2)
  return random.weighted<() => Input>([
    [30, () => ({ ...input, body: mutateJson(body, random) })],
    [12, () => ({ ...input, body: mutateText(body, bodyOf(other), random) })],
    [15, () => ({ ...input, path: `${mutatePath(path, random)}${query && `?${query}`}` })],
    [15, () => ({ ...input, path: `${path}?${mutateQuery(query, random)}` })],
    [5, () => ({ ...input, method: random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']) })],
    [15, () => ({ ...input, headers: mutateHeaders(input.headers, random) })],
    [8, () => ({ via: 'bytes', bytes: mutateHead(bytesOf(input), random) })],
  ])()
}

/** A request as it goes over the wire; its headers may say otherwise of the body. */
export function bytesOf({ method, path, headers, body }: HttpInput): string {
  const bytes = body === null ? '' : Buffer.from(body).toString('latin1')
  const own = body === null ? [] : [['Content-Type', 'application/json'] as const, ['Content-Length', String(bytes.length)] as const]
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const all = [['Host', 'localhost'] as const, ...own].filter(([name]) => !given.has(name.toLowerCase())).concat(headers as never)
  return `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${bytes}`
}

const bodyOf = (input: Input): string => (input.via === 'frame' ? textOf(input) : input.via === 'http' ? (input.body ?? '{}') : input.bytes)

type Json = Record<string, unknown> | unknown[]

/** One value anywhere in it is changed for a nuisance, taken out, doubled, wrapped or moved. */
function mutateJson(text: string, random: Random): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return mutateText(text, '{}', random)
  }
  const root = [value]
  const all = places(root)
  const { parent, key, held } = random.pick(all)
  const put = (next: unknown) => Reflect.set(parent, key, next)
  random.weighted<() => unknown>([
    [8, () => put(random.pick(nuisances))],
    [2, () => (Array.isArray(parent) ? parent.splice(Number(key), 1) : Reflect.deleteProperty(parent, key))],
    [2, () => put([held])],
    [2, () => put({ [random.pick(['$ne', 'length', 'then', 'toJSON', 'type'])]: held })],
    [2, () => put(`${typeof held === 'string' ? held : ''}${JSON.stringify(random.pick(nuisances))}`)],
    [2, () => put(structuredClone(random.pick(all).held))],
    [2, () => (Array.isArray(parent) ? parent.push(held) : Reflect.set(parent, random.pick(extraKeys), random.pick(nuisances)))],
  ])()
  return (JSON.stringify(root[0]) ?? '').slice(0, charsMax)
}

const extraKeys = ['senderId', 'userId', 'isAdmin', 'constructor', 'prototype', 'type', 'text', 'to', 'seq', '']

function places(root: Json): { parent: Json; key: string; held: unknown }[] {
  return Object.entries(root).flatMap(([key, held]) => [
    { parent: root, key, held },
    ...(typeof held === 'object' && held !== null ? places(held as Json) : []),
  ])
}

function mutateText(text: string, other: string, random: Random): string {
  const at = random.int(0, text.length)
  const to = random.int(at, Math.min(text.length, at + 20))
  const worse = random.weighted<() => string>([
    [4, () => text.slice(0, at) + random.pick(splinters) + text.slice(at)],
    [3, () => text.slice(0, at)],
    [3, () => text.slice(0, at) + text.slice(to)],
    [2, () => text + text],
    [2, () => text.slice(0, at) + other.slice(random.int(0, other.length))],
    [2, () => text.slice(0, at) + text.slice(at, to).repeat(random.int(2, 200)) + text.slice(to)],
    [2, () => text.slice(0, at) + String.fromCharCode(random.int(0, 0xffff)) + text.slice(at + 1)],
    [1, () => text.slice(0, 1) + random.pick(splinters) + text.slice(1)],
    [1, () => `${'['.repeat(random.int(1, 2_000))}${text}`],
  ])()
  return worse.slice(0, charsMax)
}

/** The same message in pieces. */
function fragments(text: string, random: Random): readonly WireFrame[] {
  const cuts = Array.from({ length: random.int(1, 6) }, () => random.int(0, text.length)).sort((one, other) => one - other)
  const edges = [0, ...cuts, text.length]
  return edges.slice(1).map((to, at) => ({
    first: (at === 0 ? 1 : 0) | (at === edges.length - 2 ? 0x80 : 0),
    payload: text.slice(edges[at], to),
    masked: true,
  }))
}

function mutateWire(frame: WireFrame, random: Random): WireFrame {
  return random.weighted<() => WireFrame>([
    [3, () => ({ ...frame, first: random.int(0, 255) })],
    [2, () => ({ ...frame, first: random.pick([0x82, 0xc1, 0x88, 0x89, 0x8a, 0x01, 0x80]) })],
    [1, () => ({ ...frame, masked: false })],
    [1, () => ({ ...frame, payload: repeated(frame.payload, random.pick([2, 50, 2_000])) })],
  ])()
}

const repeated = (text: string, times: number) => text.repeat(Math.min(times, Math.ceil(charsMax / (text.length + 1)))).slice(0, charsMax)

function mutatePath(path: string, random: Random): string {
  const parts = path.split('/')
  const at = random.int(1, parts.length - 1)
  const worse = [
    '',
    '..',
    '%2e%2e',
    '%00',
    '%ff',
    '__proto__',
    '*',
    ';a=b',
    'u_root',
    'c_00x',
    `{{friend}}`,
    '{{foreign}}',
    'x'.repeat(101),
  ]
  parts[at] = random.next() < 0.5 ? random.pick(worse) : `${parts[at]}${random.pick(worse)}`
  return parts.join('/')
}

function mutateQuery(query: string, random: Random): string {
  const more = [
    'limit=0',
    'limit=1e3',
    'after=-1',
    'after=0x10',
    'before[]=1',
    'seq=%F0%9F',
    'ids=',
    '__proto__=1',
    'cursor=',
    '&&==',
    'after=1',
  ]
  const pairs = query.split('&')
  if (random.next() < 0.5) pairs.push(random.pick(more))
  else pairs[random.int(0, pairs.length - 1)] = random.pick(more)
  return pairs.join('&')
}

function mutateHeaders(headers: HttpInput['headers'], random: Random): HttpInput['headers'] {
  if (random.next() < 0.3) return headers.slice(1)
  return [...headers, ...random.sample(headerWords, random.int(1, 3))]
}

/** Of the bytes of a request: lines change, go, double and move, and bytes flip. */
function mutateHead(bytes: string, random: Random): string {
  const lines = bytes.split('\r\n')
  const at = random.int(0, lines.length - 1)
  return random.weighted<() => string>([
    [4, () => lines.toSpliced(at, 0, random.pick(headerWords).join(': ')).join('\r\n')],
    [2, () => lines.toSpliced(at, 1).join('\r\n')],
    [2, () => lines.toSpliced(at, 0, lines[at] ?? '').join('\r\n')],
    [2, () => lines.with(at, random.pick(headerWords).join(':')).join('\r\n')],
    [2, () => bytes.replace('GET', random.pick(['POST', 'get', 'GET ', '', 'G\u0000T']))],
    [2, () => bytes.replace(/ \/\S*/, random.pick([' /ws?token=x', ' *', ' //ws', ' http://evil.example/ws', ' /ws/..', ' /\u00ff']))],
    [2, () => mutateText(bytes, bytes, random).replace(/[\u0100-\uffff]/g, '?')],
    [1, () => bytes.replace('1.1', random.pick(['1.0', '2.0', '9.9', '']))],
    [1, () => lines.join('\n')],
  ])()
}
