import { expect, it } from 'vitest'
import { ConversationState, type Facts } from './conversation-state.ts'
import { amina, bjorn, talk } from './testing/sim-world.ts'

const facts: Facts = {
  conversationId: talk,
  kind: 'direct',
  name: null,
  peerId: bjorn,
  role: 'member',
  memberCount: 2,
  history: 'joined',
  first: 1,
  head: 24,
  count: 23,
  lastActivityAt: 1_795_366_111_200,
  preview: null,
  read: 24,
  unread: 0,
  mentions: 0,
  flags: { muted: false, archived: false, pinned: false },
  peer: { delivered: 24, read: 19 },
}

it('[L8] a row that was read before the receipt which overtook it takes no cursor of the other one back', () => {
  const state = new ConversationState(
    { facts, factsAsOf: 24, position: { to: 24, from: 25, count: 23, membershipSeq: 1, holes: [] } },
    amina,
    false,
  )
  expect(state.advancePeer(24, 24)).toBe(true)
  state.apply({ ...facts, entries: [] })
  expect(state.facts.peer).toEqual({ delivered: 24, read: 24 })
  expect(state.facts.peerId).toBe(bjorn)
})
