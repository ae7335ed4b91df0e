import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decodeUp, parse, parseJson } from './codec.ts'
import { GodwitError } from './errors.ts'
import { limits } from './limits.ts'
import { upFrame } from './up.ts'

const codes = new Set(['BAD_JSON', 'BAD_REQUEST', 'UNKNOWN_FRAME', 'TOO_LARGE'])

/** A frame, or one of the errors that decoding has; anything else is a defect. */
function outcome(text: string): string {
  try {
    return decodeUp(text).type
  } catch (error) {
    if (!(error instanceof GodwitError) || !codes.has(error.code)) throw error
    expect((error.detail ?? '').length).toBeLessThanOrEqual(200)
    return error.code
  }
}

describe('[L9] decoding is total', () => {
  test('over any text, and any JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => void outcome(text)),
      { numRuns: 800 },
    )
  }, 30_000)

  test('[T10] a length that cannot be compared is a bad request, in every field', () => {
    for (const field of ['to', 'text', 'clientMsgId', 'mentions', 'token', 'epoch', 'mark', 'reads', 'frames', 'conversations', 'client'])
      for (const type of upFrame.options.map(({ shape }) => shape.type.value))
        expect(outcome(JSON.stringify({ type, [field]: { length: { toString: 1 } } }))).toMatch(/^(BAD_REQUEST|activity)$/)
  })

  test('a mistake in a schema of ours is no fault of the client', () => {
    const broken = z.string().refine(() => {
      throw new TypeError('ours')
    })
    expect(() => parse(broken, 'Ebbe um 6:40')).toThrow('ours')
  })

  test('over frames that are nearly right', () => {
    const types = fc.constantFrom(...upFrame.options.map(({ shape }) => shape.type.value))
    const keys = [
      'to',
      'text',
      'clientMsgId',
      'after',
      'target',
      'emoji',
      'on',
      'seq',
      'status',
      'frames',
      'token',
      'epoch',
      'mark',
      'reads',
      'conversations',
      'users',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
    ]
    const values = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>('c_00wad', 'u_ana', 'x', 1, 0, -0, 1e308, '\ud800', '', [], {}, true, null),
      fc.constantFrom<unknown>({ length: { toString: 1 } }, { length: { valueOf: null, toString: '' } }, { size: { toString: 1 } }),
    )
    const frame = fc
      .tuple(types, fc.dictionary(fc.constantFrom(...keys), values, { noNullPrototype: false }))
      .map(([type, rest]) => ({ type, ...rest }))
    fc.assert(
      fc.property(
        fc.oneof(
          frame,
          frame.map((inner) => ({ type: 'batch', frames: [inner, inner] })),
        ),
        (one) => void outcome(JSON.stringify(one)),
      ),
      { numRuns: 1_000 },
    )
  }, 30_000)

  test('over a frame cut short, with a byte changed or doubled, at every place', () => {
    const text = '{"type":"message","to":"c_00wad","clientMsgId":"m-1","text":"Z\\u00eb \\ud83e\\udd80","mentions":["u_bo"]}'
    for (let at = 0; at <= text.length; at++) {
      outcome(text.slice(0, at))
      outcome(text.slice(0, at) + text.slice(at + 1))
      for (const put of ['"', '\\', '{', ']', '\u0000', '\ud800', '9']) outcome(text.slice(0, at) + put + text.slice(at))
    }
    expect(outcome(text)).toBe('message')
  }, 30_000)
})

describe('[L9] what a frame holds', () => {
  const worst = (char: string, bytes: number) => {
    const text = char.repeat(Math.floor(limits.textBytesMax / bytes))
    const mentions = Array.from({ length: limits.mentionsMax }, (_, i) => `u_${String(i).padStart(40, '0')}`)
    const frame = {
      type: 'message',
      to: `c_00${'x'.repeat(40)}`,
      clientMsgId: '"'.repeat(64),
      after: '\\'.repeat(64),
      text,
      mentions,
      replyTo: Number.MAX_SAFE_INTEGER,
    }
    // Every character escaped, as the least thrifty of encoders would.
    const escaped = (part: string) =>
      part.replace(/[^ -!#-[\]-~]|[a-zA-Z0-9]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    return {
      frame,
      json: `${JSON.stringify({ ...frame, text: '' }).slice(0, -1)},"text":"${[...text].map((c) => (c.length > 1 ? [...Array(c.length).keys()].map((i) => escaped(c.charAt(i))).join('') : escaped(c))).join('')}"}`,
    }
  }

  test.each([
    ['a letter', 'a', 1],
    ['a control character', '\u0001', 1],
    ['Chinese', '潮', 3],
    ['an emoji', '🦀', 4],
  ])('the longest text fits into a frame with every character escaped: %s', (_, char, bytes) => {
    const { frame, json } = worst(char, bytes)
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(limits.frameBytesMax)
    expect(decodeUp(json)).toEqual(frame)
    expect(outcome(json.replace('"text":"",', '')), 'once').toBe('message')
  })

  test('one character more is refused', () => {
    const { frame } = worst('潮', 3)
    expect(outcome(JSON.stringify({ ...frame, text: `${frame.text}潮` }))).toBe('TOO_LARGE')
  })

  test('depth is bounded before anything is parsed, and brackets in strings are text', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(parseJson(nested(limits.jsonDepthMax))).toBeInstanceOf(Array)
    expect(() => parseJson(nested(limits.jsonDepthMax + 1))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
    const mixed = (pairs: number) => `${'{"replies":['.repeat(pairs)}${']}'.repeat(pairs)}`
    expect(parseJson(mixed(limits.jsonDepthMax / 2))).toHaveProperty('replies')
    expect(() => parseJson(mixed(limits.jsonDepthMax / 2 + 1))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
    expect(parseJson(JSON.stringify(Array.from({ length: 200 }, () => [{}])))).toHaveLength(200)
    expect(() => parseJson('['.repeat(limits.frameBytesMax))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
    expect(parseJson(JSON.stringify(`${nested(99)} \\" ${nested(99)}`))).toContain('[[[')
  })

  test('a key that names a prototype is a field like any other: unknown', () => {
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString'])
      expect(outcome(`{"type":"activity","active":true,"${key}":{"isAdmin":true}}`)).toBe('BAD_REQUEST')
    expect({}).not.toHaveProperty('isAdmin')
  })
})
