import type { EntryContent, HistorySetting } from '@godwit/protocol/entry.ts'
import { isMembership } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyMembership, type Roster } from './roster.ts'
import { joinedAt } from './rows.ts'
import { isVisible, visibleRanges } from './visibility.ts'

const users: readonly UserId[] = ['u_ana', 'u_bo', 'u_chidi', 'u_doerte']

/** The fold as a slow and obvious thing: for each user the very seqs they may see. */
class Model {
  readonly seen = new Map<UserId, Set<number>>(users.map((userId) => [userId, new Set()]))
  readonly joined = new Map<UserId, number>()
  readonly members = new Set<UserId>()
  history: HistorySetting = 'joined'
  head = 0

  play(content: EntryContent): void {
    this.head++
    const before = [...this.members]
    const open = (userId: UserId) => {
      for (let seq = 1; seq <= this.head; seq++) this.seen.get(userId)?.add(seq)
    }
    if (content.kind === 'created' || content.kind === 'added')
      for (const { userId } of content.members) {
        this.members.add(userId)
        this.joined.set(userId, this.head)
        if (this.history === 'all') open(userId)
      }
    if (content.kind === 'removed') this.members.delete(content.userId)
    if (content.kind === 'settings') {
      this.history = content.history
      if (content.history === 'all') for (const userId of this.members) open(userId)
    }
    for (const userId of [...before, ...this.members]) this.seen.get(userId)?.add(this.head)
  }
}

const step = fc.oneof(
  fc.constant('message' as const),
  fc.record({ turn: fc.nat(users.length - 1) }),
  fc.constantFrom<HistorySetting>('joined', 'all'),
  fc.record({ name: fc.constantFrom('Wad & Watt 🦀', '潮の会') }),
)

test('[L6] the fold of any history of members is what a member may see, seq by seq, in intervals that do not overlap', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const model = new Model()
      let roster: Roster | null = null
      const play = (content: EntryContent) => {
        model.play(content)
        if (!isMembership(content)) return
        const header = { conversationId: 'c_00wad', messageId: '1', at: model.head, senderId: 'u_ana', clientMsgId: 'x', count: 0 } as const
        roster = applyMembership(roster, { ...header, seq: model.head, membershipSeq: model.head, ...content })
      }
      play({ kind: 'created', conversation: 'group', name: 'Wad', members: [{ userId: 'u_ana', role: 'owner' }], history: 'joined' })
      for (const one of steps) {
        if (one === 'message') play({ kind: 'message', text: 'Ebbe ist um 6:40 🌊' })
        else if (typeof one === 'string') play({ kind: 'settings', history: one })
        else if ('name' in one) play({ kind: 'renamed', name: one.name })
        else {
          const userId = users[one.turn] as UserId
          if (model.members.has(userId)) play({ kind: 'removed', userId })
          else play({ kind: 'added', members: [{ userId, role: 'member' }] })
        }

        const folded = roster as unknown as Roster
        expect(new Set(folded.roles.keys())).toEqual(model.members)
        for (const userId of users) {
          const intervals = [...folded.intervalsOf(userId)].sort((a, b) => a.from - b.from)
          const ranges = visibleRanges(intervals, model.head)
          for (let seq = 1; seq <= model.head + 1; seq++) {
            expect(isVisible(ranges, seq), `${userId} sees ${seq}`).toBe(model.seen.get(userId)?.has(seq))
            if (seq <= model.head) expect(folded.entitledTo(seq).has(userId)).toBe(isVisible(ranges, seq))
          }
          expect(joinedAt(intervals)).toBe(model.joined.get(userId) ?? 0)
          intervals.slice(1).forEach((interval, i) => {
            expect(intervals[i]?.to ?? Number.POSITIVE_INFINITY).toBeLessThan(interval.from)
          })
        }
      }
    }),
    { numRuns: 150 },
  )
}, 30_000)

test('[L6] a role is for the members of now, and a name says nothing about who sees what', () => {
  const at = { conversationId: 'c_00wad', messageId: '1', at: 7, senderId: 'u_ana', clientMsgId: 'x', count: 0 } as const
  const members = [
    { userId: 'u_ana', role: 'owner' },
    { userId: 'u_bo', role: 'member' },
  ] as const
  const created = {
    ...at,
    seq: 1,
    membershipSeq: 1,
    kind: 'created',
    conversation: 'group',
    name: 'Wad',
    members,
    history: 'joined',
  } as const
  const begun = applyMembership(null, created)
  const promoted = applyMembership(begun, { ...at, seq: 4, membershipSeq: 4, kind: 'role', userId: 'u_bo', role: 'admin' })
  expect([...promoted.roles]).toEqual([
    ['u_ana', 'owner'],
    ['u_bo', 'admin'],
  ])
  expect(begun.roles.get('u_bo'), 'a roster never changes').toBe('member')
  const renamed = applyMembership(promoted, { ...at, seq: 5, membershipSeq: 5, kind: 'renamed', name: '潮の会' })
  expect(renamed.state).toEqual({ ...promoted.state, name: '潮の会', applied: 5 })
  expect(() => applyMembership(null, { ...at, seq: 2, membershipSeq: 2, kind: 'renamed', name: 'x' })).toThrow('does not begin')
})
