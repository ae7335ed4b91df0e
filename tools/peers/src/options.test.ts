import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('a peer that is not there is named beside those that are; a number that would measure nothing is refused', () => {
  const given = readOptions(['--only', 'socket.io', '--repeats', '3', '--seconds', '0.5'])
  expect(given).toMatchObject({ repeats: 3, windowS: 0.5, chosen: [{ peer: { name: 'socket.io' } }] })
  expect(() => readOptions(['--only', 'whatsapp'])).toThrow(
    '--only: there is no whatsapp. There are socket.io, ejabberd, tinode, socket.io/group-500',
  )
  expect(() => readOptions(['--repeats', '0.5'])).toThrow('--repeats must be a whole number from 1 on, not 0.5')
  expect(() => readOptions(['--seconds', '0'])).toThrow('--seconds must be a number above 0, not 0')
  expect(() => readOptions(['--second', '1'])).toThrow("Unknown option '--second'")
})
