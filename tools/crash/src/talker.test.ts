import { createRandom } from '@godwit/load/world/random.ts'
import { expect, test } from 'vitest'
import { type Action, choose, groupsMax } from './talker.ts'

const chosen = (favourite: Action | null, groups: number) => {
  const random = createRandom('talker')
  return Array.from({ length: 5_000 }, () => choose(random, favourite, groups))
}

test('chance makes groups up to the bound of a round, and no more', () => {
  expect(chosen(null, groupsMax - 1)).toContain('group')
  expect(chosen(null, groupsMax)).not.toContain('group')
})

test('a group that a failpoint waits for is made, however many there are', () => {
  expect(chosen('group', 10 * groupsMax)).toContain('group')
})
