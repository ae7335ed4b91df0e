import { conversationIdPattern, homeRegion } from '@godwit/protocol/ids.ts'
import { expect, test } from 'vitest'
import { directId, groupId } from './conversation-id.ts'

test('[L3] a direct conversation has one id, whoever starts it', () => {
  expect(directId('u_ana', 'u_bo')).toBe(directId('u_bo', 'u_ana'))
  expect(directId('u_ana', 'u_bo')).not.toBe(directId('u_ana', 'u_b'))
})

test('[L3] a group has the id of its creator and creation', () => {
  expect(groupId('u_ana', 'new-1')).toBe(groupId('u_ana', 'new-1'))
  expect(new Set([groupId('u_ana', 'new-1'), groupId('u_bo', 'new-1'), groupId('u_ana', 'new-2'), directId('u_ana', 'u_bo')]).size).toBe(4)
  expect(groupId('u_ana', 'u_bo'), 'a kind of its own').not.toBe(directId('u_ana', 'u_bo'))
})

test('an id names its home region and fits the pattern', () => {
  for (const id of [directId('u_ana', 'u_bo'), groupId('u_ana', '!~')]) {
    expect(id).toMatch(conversationIdPattern)
    expect(id.slice(2, 4)).toBe(homeRegion)
    expect(id).toHaveLength(26)
  }
})
