import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hotFrame } from './hot-frames.ts'
import { limits } from './limits.ts'
import { upFrame } from './up.ts'

const id = fc.constantFrom<unknown>('c_00wad', 'c_00w ad', 'c_', 'u_ana', 'm-1', '', 'x'.repeat(65), 7, null)
const text = fc.oneof(
  fc.constantFrom<unknown>('Fährt die Fähre um neun?', '満潮は午後三時', '\ud83e', '', null, 5, ['Ferry']),
  fc.constantFrom('a'.repeat(limits.textBytesMax), 'a'.repeat(limits.textBytesMax + 1), '潮'.repeat(limits.textBytesMax / 3 + 1)),
  fc.string({ unit: 'binary' }),
)
const position = fc.constantFrom<unknown>(0, -0, 1, -1, 2.5, Number.MAX_SAFE_INTEGER, 2 ** 53, '1', null)
const nearly = fc.record(
  {
    type: fc.constantFrom('message', 'ack', 'edit', 'typing'),
    to: id,
    clientMsgId: id,
    after: id,
    text,
    conversationId: id,
    seq: position,
    status: fc.constantFrom<unknown>('delivered', 'read', 'seen', 1),
    mentions: fc.constantFrom<unknown>(['u_ben'], [], 'u_ben'),
    extra: fc.constant(true),
  },
  { requiredKeys: ['type'] },
)
const message = fc.record(
  { type: fc.constant('message'), to: id, clientMsgId: id, text, after: id },
  { requiredKeys: ['type', 'to', 'clientMsgId', 'text'] },
)
const ack = fc.record({ type: fc.constant('ack'), conversationId: id, seq: position, status: fc.constantFrom('delivered', 'read', 'seen') })

describe('[T9] frames that are checked by hand', () => {
  test('are those that the schema takes, as it takes them', () => {
    let taken = 0
    fc.assert(
      fc.property(fc.oneof(message, ack, nearly, fc.jsonValue()), (value) => {
        const hot = hotFrame(value)
        if (hot === null) return
        taken++
        expect(upFrame.parse(value)).toEqual(hot)
      }),
      { numRuns: 5_000 },
    )
    expect(taken).toBeGreaterThan(20)
  })

  test('are no others because of a key that reaches a prototype', () => {
    const value = JSON.parse('{"type":"message","to":"c_00wad","clientMsgId":"m-1","text":"Ferry at nine?","__proto__":{"text":"no"}}')
    expect(hotFrame(value)).toBe(null)
  })

  test('are most of everyday', () => {
    expect(hotFrame({ type: 'message', to: 'c_00wad', clientMsgId: 'm-2', after: 'm-1', text: 'Ferry at nine?' })).not.toBe(null)
    expect(hotFrame({ type: 'ack', conversationId: 'c_00wad', seq: 41, status: 'read' })).not.toBe(null)
  })

  const invalid = new URL('../fixtures/invalid/', import.meta.url)
  test.each(readdirSync(invalid))('%s is left to the schema', (name) => {
    const { text } = JSON.parse(readFileSync(new URL(name, invalid), 'utf8')) as { readonly text: string }
    expect(hotFrame(parsed(text))).toBe(null)
  })
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
