import { expect, test } from 'vitest'
import { type Input, packed } from './input.ts'
import { readOptions } from './options.ts'

test('a run sends as many inputs as were asked for; a number that would send none does not begin one', () => {
  expect(readOptions(['--inputs', '1000000', '--seed', 'ebb'])).toEqual({ inputs: 1_000_000, seed: 'ebb', repeat: undefined })
  expect(readOptions([])).toMatchObject({ inputs: 20_000, seed: expect.stringMatching(/^[0-9a-f]{8}$/) })
  expect(() => readOptions(['--inputs', 'abc'])).toThrow('--inputs must be a whole number from 1 on, not abc')
  expect(() => readOptions(['--inputs', '0'])).toThrow('not 0')
  expect(() => readOptions(['--inputs=-5'])).toThrow('not -5')
  expect(() => readOptions(['--input', '5'])).toThrow("Unknown option '--input'")
})

test('an input that a run has reported is repeated as it was; a word cut short is named as such', () => {
  const input: Input = { via: 'bytes', bytes: 'GET /ws HTTP/1.1\r\nHost: чат\r\n\r\n' }
  expect(readOptions(['--repeat', packed(input)])).toMatchObject({ repeat: input })
  for (const word of [packed(input).slice(0, 20), 'xx', '', packed(null as never), packed({ via: 'post' } as never)])
    expect(() => readOptions(['--repeat', word]), word).toThrow('--repeat takes the word that a run has printed')
})
