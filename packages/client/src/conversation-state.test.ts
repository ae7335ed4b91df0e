import type { AmendmentContent, Entry, FoldedEntry } from '@godwit/protocol/entry.ts'
import type { ConversationSummary } from '@godwit/protocol/summary.ts'
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
    { facts, factsAsOf: 24, position: { to: 24, from: 25, count: 23, membershipSeq: 1, holes: [] }, unsure: false },
    amina,
    false,
  )
  expect(state.advancePeer(24, 24)).toBe(true)
  state.apply({ ...facts, entries: [] })
  expect(state.facts.peer).toEqual({ delivered: 24, read: 24 })
  expect(state.facts.peerId).toBe(bjorn)
})

it('[L6] a row from before one was added again makes nobody a stranger, and one of a removal ends the view below what was named', () => {
  const position = { to: 10, from: 1, count: 6, membershipSeq: 10, holes: [] }
  const group: Facts = {
    ...facts,
    kind: 'group',
    name: 'Bird ringing 🐦',
    peerId: null,
    peer: null,
    memberCount: 4,
    head: 10,
    count: 6,
    read: 10,
  }
  const again = () => new ConversationState({ facts: group, factsAsOf: 10, position, unsure: false }, amina, false)
  const gone: ConversationSummary = { ...group, role: null, memberCount: 2, entries: [] }
  // Asked for while the store was slow, for two removals and a return.
  const member = again()
  member.apply({ ...gone, head: 3, count: 1, flags: { muted: true, archived: false, pinned: false } })
  expect(member.facts).toMatchObject({ role: 'member', memberCount: 4, head: 10, flags: { muted: true } })
  const removed = again()
  removed.raiseHead(14)
  removed.apply({ ...gone, head: 12 })
  expect(removed.facts).toMatchObject({ role: null, memberCount: 2, head: 12 })
})

it('a deletion takes the preview away also where the device has not read its own entries yet: the text is gone for all', () => {
  const at = 1_795_366_111_200
  const preview: FoldedEntry = {
    ...{ conversationId: talk, seq: 24, messageId: '7', at, senderId: bjorn, clientMsgId: 'm-24', count: 23, membershipSeq: 1 },
    ...{ kind: 'message', text: 'the key is under the third post' },
  }
  const position = { to: 24, from: 1, count: 23, membershipSeq: 1, holes: [] }
  const restored = () => new ConversationState({ facts: { ...facts, preview }, factsAsOf: 24, position, unsure: false }, amina, true)
  const amend = (state: ConversationState, content: AmendmentContent) => {
    const entry: Entry = { ...preview, messageId: '8', clientMsgId: 'm-25', seq: 25, ...content }
    for (const reported of state.log.offer({ entry, asOf: 25 })) state.report(reported)
    return state
  }
  const deleted = amend(restored(), { kind: 'delete', target: 24 })
  expect(deleted.facts.preview).toBeNull()
  expect(deleted.unsure).toBe(true)
  deleted.apply({ ...facts, head: 25, entries: [] })
  expect(deleted.unsure).toBe(false)
  const edited = amend(restored(), { kind: 'edit', target: 24, text: 'under the *fourth* post' })
  expect(edited.facts.preview).toMatchObject({ text: 'under the *fourth* post' })
  expect(edited.unsure).toBe(false)
})
