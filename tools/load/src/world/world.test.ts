import { userNamePattern } from '@godwit/protocol/ids.ts'
import { displayName } from '@godwit/protocol/scalars.ts'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('the world of the acceptance run: 1,200 users, 2,000 devices, one group of 1,000, twenty of 50 to 500, the rest direct', () => {
  const world = createWorld({ seed: '1', users: 1_200, devices: 2_000 })
  expect(world.people).toHaveLength(1_200)
  expect(world.deviceOwners).toHaveLength(2_000)
  expect(new Set(world.deviceOwners).size).toBe(1_200)
  const sizes = world.groups.map((group) => group.members.length + 1)
  expect(sizes[0]).toBe(1_000)
  expect(sizes.slice(1)).toHaveLength(20)
  expect(Math.min(...sizes.slice(1))).toBe(50)
  expect(Math.max(...sizes.slice(1))).toBe(500)
  expect(world.directs.length).toBeGreaterThan(1_500)
  for (const group of world.groups) expect(group.members).not.toContain(group.owner)
  for (const [one, other] of world.directs) expect(one).not.toBe(other)
})

test('names are ones that the server takes, and no two are the same', () => {
  const { people } = createWorld({ seed: '2', users: 300, devices: 400 })
  for (const person of people) {
    expect(person.name).toMatch(userNamePattern)
    expect(displayName.safeParse(person.displayName).success).toBe(true)
  }
  expect(new Set(people.map(({ name }) => name)).size).toBe(300)
})

test('the same seed makes the same world', () => {
  const options = { seed: 'same', users: 40, devices: 60 }
  expect(createWorld(options)).toEqual(createWorld(options))
})
