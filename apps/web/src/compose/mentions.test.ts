import type { MemberProfile } from '@godwit/client'
import { expect, test } from 'vitest'
import { mentionAt, mentionedIn, suggest } from './mentions.ts'

const members: readonly MemberProfile[] = [
  { userId: 'u_1', name: 'ana', displayName: 'Ana Lima', role: 'owner' },
  { userId: 'u_2', name: 'tom.b', displayName: 'Tom Baker', role: 'member' },
  { userId: 'u_3', name: 'kenji', displayName: '田中 健二', role: 'member' },
]

test('an @ at the start of a word begins a mention; inside of one, as in an address, it does not', () => {
  expect(mentionAt('hi @to', 6)).toEqual({ start: 3, typed: 'to' })
  expect(mentionAt('@', 1)).toEqual({ start: 0, typed: '' })
  expect(mentionAt('(@田', 3)).toEqual({ start: 1, typed: '田' })
  expect(mentionAt('ana@example', 11)).toBeNull()
  expect(mentionAt('hi @tom there', 13)).toBeNull()
})

test('people are suggested by user name and by each word of their display name', () => {
  expect(suggest(members, 'ba').map(({ name }) => name)).toEqual(['tom.b'])
  expect(suggest(members, '健').map(({ name }) => name)).toEqual(['kenji'])
  expect(suggest(members, '')).toHaveLength(3)
})

test('who is mentioned in a text: whole names only, a full stop behind one does not matter', () => {
  expect(mentionedIn('@tom.b and @Ana. And @kenjix', members)).toEqual(['u_1', 'u_2'])
})
