import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { ConversationState, Conversations, Interval } from '@godwit/server/ports/conversations.ts'
import { describe, expect, test } from 'vitest'
import { type Open, openOnce } from './suite.ts'
import { newConversationId, newUserId } from './talk.ts'

const at = Date.UTC(2024, 6, 1)

function state(conversationId: ConversationId, intervals: readonly Interval[], rest: Partial<ConversationState> = {}): ConversationState {
  const createdBy = intervals[0]?.userId ?? newUserId()
  const common = { kind: 'group', name: 'Wad & Watt 🦀', history: 'joined', applied: 1, changedAt: at } as const
  return { conversationId, ...common, createdBy, intervals, ...rest }
}

const member = (userId: UserId, from = 1, to: number | null = null): Interval => ({ userId, from, joined: from, to, role: 'member' })
const sorted = (intervals: readonly Interval[]) => [...intervals].sort((a, b) => a.userId.localeCompare(b.userId) || a.from - b.from)

/** The contract of `Conversations`, for any backend. */
export function conversationsConformance(name: string, open: Open<Conversations>): void {
  describe(`Conversations: ${name}`, () => {
    const conversations = openOnce(open)

    test('a state is loaded as it was projected; null before', async () => {
      const [id, ana, bo] = [newConversationId(), newUserId(), newUserId()]
      expect(await conversations().load(id)).toBeNull()
      const first = state(id, [{ ...member(ana), role: 'owner' }, { ...member(bo, 1, 4), joined: 3 }, member(bo, 9)], { applied: 9 })
      expect(await conversations().project(0, first)).toBe(true)
      const loaded = await conversations().load(id)
      expect(loaded && { ...loaded, intervals: sorted(loaded.intervals) }).toEqual({ ...first, intervals: sorted(first.intervals) })
    })

    test('[L1] a state is projected only over the one it was folded from', async () => {
      const [id, ana, bo] = [newConversationId(), newUserId(), newUserId()]
      const first = state(id, [member(ana)])
      expect(await conversations().project(3, first)).toBe(false)
      expect(await conversations().project(0, first)).toBe(true)
      expect(await conversations().project(0, state(id, [member(bo)], { applied: 7 }))).toBe(false)
      expect((await conversations().load(id))?.intervals).toEqual(first.intervals)
      const second = state(id, [member(ana, 1, 5), member(bo, 3)], { applied: 5, name: null, history: 'all', changedAt: at + 1 })
      expect(await conversations().project(1, second)).toBe(true)
      expect(await conversations().project(1, second)).toBe(false)
      const loaded = await conversations().load(id)
      expect(loaded).toMatchObject({ applied: 5, name: null, history: 'all', changedAt: at + 1 })
      expect(sorted(loaded?.intervals ?? [])).toEqual(sorted(second.intervals))
    })

    test('[L1] of projectors that race one wins, with its whole state', async () => {
      const id = newConversationId()
      const states = Array.from({ length: 8 }, (_, index) => state(id, [member(newUserId())], { applied: index + 1 }))
      const answers = await Promise.all(states.map((one) => conversations().project(0, one)))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect((await conversations().load(id))?.intervals).toEqual(states[answers.indexOf(true)]?.intervals)
    })

    test('a state replaces the one before, also where intervals are gone', async () => {
      const [id, ana, bo] = [newConversationId(), newUserId(), newUserId()]
      await conversations().project(0, state(id, [member(ana), member(bo)]))
      await conversations().project(1, state(id, [{ ...member(ana), role: 'admin' }], { applied: 2 }))
      expect((await conversations().load(id))?.intervals).toEqual([{ ...member(ana), role: 'admin' }])
      expect(await conversations().membershipsOf(bo)).toEqual([])
    })

    test('[L6] memberships name every conversation a user is or was in, with the own intervals', async () => {
      const [id, direct, ana, bo, chidi] = [newConversationId(), newConversationId(), newUserId(), newUserId(), newUserId()]
      await conversations().project(0, state(id, [member(ana), member(bo, 2, 4), member(bo, 7, 9), member(chidi, 3)], { applied: 9 }))
      await conversations().project(0, state(direct, [member(bo), member(ana)], { kind: 'direct', name: null }))
      const memberships = [...(await conversations().membershipsOf(bo))].sort((a, b) => a.kind.localeCompare(b.kind))
      expect(memberships).toMatchObject([
        { conversationId: direct, kind: 'direct', name: null, peerId: ana, memberCount: 2, intervals: [member(bo)] },
        { conversationId: id, kind: 'group', peerId: null, memberCount: 2, applied: 9, changedAt: at, history: 'joined' },
      ])
      expect(memberships[1]?.intervals).toEqual([member(bo, 2, 4), member(bo, 7, 9)])
      expect(await conversations().membership(id, bo)).toEqual(memberships[1])
      expect(await conversations().membership(id, newUserId())).toBeNull()
      expect(await conversations().membership(newConversationId(), bo)).toBeNull()
      expect(await conversations().membershipsOf(newUserId())).toEqual([])
    })

    test('flags are one user’s own, and stay over a projection', async () => {
      const [id, ana, bo] = [newConversationId(), newUserId(), newUserId()]
      await conversations().project(0, state(id, [member(ana), member(bo)]))
      const off = { muted: false, archived: false, pinned: false }
      expect(await conversations().membership(id, ana)).toMatchObject({ flags: off, flagsAt: 0 })
      await conversations().setFlags(id, ana, { muted: true, archived: false, pinned: true }, at + 5)
      await conversations().project(1, state(id, [member(ana), member(bo)], { applied: 2 }))
      expect(await conversations().membership(id, ana)).toMatchObject({
        flags: { muted: true, archived: false, pinned: true },
        flagsAt: at + 5,
      })
      expect(await conversations().membership(id, bo)).toMatchObject({ flags: off, flagsAt: 0 })
      await Promise.all([
        conversations().setFlags(id, ana, { archived: true }, at + 7),
        conversations().setFlags(id, ana, { muted: false }, at + 7),
      ])
      expect(await conversations().membership(id, ana)).toMatchObject({ flags: { muted: false, archived: true, pinned: true } })
      await conversations().setFlags(id, ana, off, at + 9)
      expect((await conversations().membershipsOf(ana))[0]).toMatchObject({ flags: off, flagsAt: at + 9 })
    })

    test('[L10] sharing needs both to be members of one conversation now', async () => {
      const [ana, bo, chidi, dewi, eve] = [newUserId(), newUserId(), newUserId(), newUserId(), newUserId()] as const
      await conversations().project(0, state(newConversationId(), [member(ana), member(bo), member(chidi, 1, 6)], { applied: 6 }))
      await conversations().project(0, state(newConversationId(), [member(ana, 1, 3), member(dewi)], { applied: 3 }))
      await conversations().project(0, state(newConversationId(), [member(bo), member(eve)]))
      expect(await conversations().sharing(ana, [eve, dewi, bo, chidi])).toEqual([bo])
      expect([...(await conversations().sharing(bo, [eve, ana, dewi]))].sort()).toEqual([ana, eve].sort())
      expect(await conversations().sharing(newUserId(), [ana])).toEqual([])
    })

    test('[L9] the largest group is projected and loaded whole', async () => {
      const id = newConversationId()
      const intervals = Array.from({ length: limits.groupMembersMax }, () => member(newUserId()))
      expect(await conversations().project(0, state(id, intervals))).toBe(true)
      const changed = intervals.map((one, index) => (index % 100 === 0 ? { ...one, to: 40 } : one))
      expect(await conversations().project(1, state(id, changed, { applied: 40 }))).toBe(true)
      expect(sorted((await conversations().load(id))?.intervals ?? [])).toEqual(sorted(changed))
      const first = changed[1]?.userId ?? newUserId()
      expect((await conversations().membership(id, first))?.memberCount).toBe(limits.groupMembersMax - 11)
    })
  })
}
