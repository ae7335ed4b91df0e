import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('a run has the size that was asked for; one that would try nothing, or never end, does not begin', () => {
  expect(readOptions([])).toMatchObject({ users: 1_200, devices: 2_000, operations: 50_000, kills: 12, browser: true })
  expect(readOptions(['--small', '--kills', '0', '--seed', 'ebb', '--cut-every', '0.5', '--no-browser'])).toMatchObject({
    users: 40,
    kills: 0,
    seed: 'ebb',
    cutEveryS: 0.5,
    browser: false,
  })
  expect(() => readOptions(['--devices', 'many'])).toThrow('--devices must be a whole number from 1 on, not many')
  expect(() => readOptions(['--operations', '0'])).toThrow('--operations must be')
  expect(() => readOptions(['--kills=-1'])).toThrow('--kills must be a whole number from 0 on, not -1')
  expect(() => readOptions(['--workers', '1.5'])).toThrow('--workers must be')
  for (const name of ['--rate', '--cut-every', '--settle'])
    expect(() => readOptions([name, '0'])).toThrow(`${name} must be a number above 0, not 0`)
  expect(() => readOptions(['--user', '8'])).toThrow("Unknown option '--user'")
})

test('numbers of which no world can be made are refused together', () => {
  const needed = 'a world has at least 8 users, more devices than users, and at most 5 devices a user'
  for (const [users, devices] of [
    ['7', '20'],
    ['100', '60'],
    ['60', '60'],
    ['8', '41'],
  ] as const)
    expect(() => readOptions(['--users', users, '--devices', devices])).toThrow(`${needed}; not ${users} users and ${devices} devices`)
  expect(readOptions(['--users', '8', '--devices', '40'])).toMatchObject({ users: 8, devices: 40 })
})
