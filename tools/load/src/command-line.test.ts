import { expect, test } from 'vitest'
import { positiveNumber, wholeNumber } from './command-line.ts'

test('what is no number, or too small, is refused with what it must be: no run does nothing and calls that no violation', () => {
  for (const text of ['abc', '', ' ', '0', '-5', '1.5', '20k', 'NaN', 'Infinity', '1e999'])
    expect(() => wholeNumber('--kills', text), text).toThrow(`--kills must be a whole number from 1 on, not ${text}`)
  for (const text of ['many', '', '0', '-0.5', 'NaN', 'Infinity'])
    expect(() => positiveNumber('--seconds', text), text).toThrow(`--seconds must be a number above 0, not ${text}`)
  expect(() => wholeNumber('--users', '7', 8)).toThrow('--users must be a whole number from 8 on, not 7')
  expect([wholeNumber('--kills', '5000'), wholeNumber('--inputs', '1e6'), wholeNumber('--kills', '0', 0)]).toEqual([5_000, 1_000_000, 0])
  expect(positiveNumber('--seconds', '0.5')).toBe(0.5)
})
