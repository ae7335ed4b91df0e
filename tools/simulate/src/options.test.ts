import { expect, test } from 'vitest'
import { readMutants } from './mutant-options.ts'
import { patches } from './mutants.ts'
import { readOptions } from './options.ts'

test('a seed alone is repeated alone; numbers that would run no seed do not begin a run', () => {
  expect(readOptions(['--seed', '4711', '--trace', '--workers', '2'])).toEqual({
    seeds: 1,
    from: 4_711,
    workers: 1,
    trace: true,
    stop: false,
  })
  expect(readOptions(['--seeds', '10000', '--stop'])).toMatchObject({ seeds: 10_000, from: 1, stop: true })
  expect(() => readOptions(['--seeds', 'abc'])).toThrow('--seeds must be a whole number from 1 on, not abc')
  expect(() => readOptions(['--seeds', '0'])).toThrow('not 0')
  expect(() => readOptions(['--seed=-1'])).toThrow('--seed must be')
  expect(() => readOptions(['--workers', '1.5'])).toThrow('--workers must be')
  expect(() => readOptions(['--sede', '1'])).toThrow("Unknown option '--sede'")
})

test('mutants are hunted by name, all of them without one; a name that is not there hunts none', () => {
  expect(readMutants([])).toBe(patches)
  expect(readMutants(['seq-reused', 'early-ack', 'early-ack'])).toEqual(
    patches.filter(({ name }) => name === 'early-ack' || name === 'seq-reused'),
  )
  expect(() => readMutants(['early-ack', 'early-akc'])).toThrow('there is no mutant early-akc; the names stand below')
  expect(() => readMutants(['--all'])).toThrow("Unknown option '--all'")
})
