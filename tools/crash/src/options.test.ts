import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

const read = (...args: readonly string[]) => readOptions(args, { syscalls: true })

test('a run has kills, lanes and stops as they were asked for', () => {
  expect(read('--kills', '20', '--only', 'commit', '--seed', '1732', '--stop-s', '0.5', '--lanes', '4', '--folder', 'x')).toEqual({
    kills: 20,
    only: 'commit',
    seed: '1732',
    stopMs: 500,
    lanes: 4,
    folder: 'x',
  })
  expect(read()).toMatchObject({ kills: 100, only: '', stopMs: 20_000, lanes: 2, folder: undefined })
})

test('a run that would kill nothing, and call that 0 violations, does not begin', () => {
  expect(() => read('--kills', 'abc')).toThrow('--kills must be a whole number from 1 on, not abc')
  expect(() => read('--kills', '0')).toThrow('not 0')
  expect(() => read('--kills=-5')).toThrow('not -5')
  expect(() => read('--lanes', 'two')).toThrow('--lanes must be a whole number from 1 on, not two')
  expect(() => read('--stop-s', '0')).toThrow('--stop-s must be a number above 0, not 0')
  expect(() => read('--kils', '5')).toThrow("Unknown option '--kils'")
})

test('a name that no blow has here is refused: the run would look for one for ever', () => {
  expect(() => read('--only', 'comit')).toThrow(/^--only comit: no blow .* There are append, ack, .*commit, .*, fsync killed, /)
  expect(read('--only', 'fsync EIO')).toMatchObject({ only: 'fsync EIO' })
  expect(() => readOptions(['--only', 'fsync EIO'], { syscalls: false })).toThrow('no blow that can be drawn here begins so')
  // Every round begins with it: it is not drawn.
  expect(() => read('--only', 'migration.first')).toThrow('no blow that can be drawn here begins so')
})
