import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FoldedEntry } from './entry.ts'
import { type AmendmentEntry, applyAmendment, fold } from './fold.ts'
import type { UserId } from './ids.ts'

const users: readonly UserId[] = ['u_ana', 'u_bo', 'u_chidi']
const header = { conversationId: 'c_00wad', messageId: '1', clientMsgId: 'x', count: 1, membershipSeq: 1 } as const
const said: FoldedEntry = {
  ...header,
  seq: 2,
  at: 0,
  senderId: 'u_ana',
  kind: 'message',
  text: 'Ebbe um 6:40 🌊',
  mentions: ['u_bo'],
  replyTo: 1,
}

const edit = (text: string, mentioned: boolean) => ({
  kind: 'edit' as const,
  text,
  ...(mentioned ? { mentions: ['u_chidi' as const] } : {}),
})
const content = fc.oneof(
  fc.tuple(fc.constantFrom('Flut', '潮', 'مد'), fc.boolean()).map(([text, mentioned]) => edit(text, mentioned)),
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('reaction' as const), emoji: fc.constantFrom('🦀', '🐦'), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'delete' as const }) },
)

/** Amendments of the message at 2 (and a few of others), rising in seq. */
const amendments = fc
  .array(fc.tuple(content, fc.nat(2), fc.constantFrom(2, 2, 2, 3)), { maxLength: 14 })
  .map((all) =>
    all.map(([what, by, target], i): AmendmentEntry => ({ ...header, seq: i + 4, at: i, senderId: users[by] as UserId, target, ...what })),
  )

/** A deterministic way to mix, so that a failure is told by its seed. */
const shuffled = <T>(items: readonly T[], keys: readonly number[]) =>
  items
    .map((item, i) => ({ item, key: keys[i % Math.max(1, keys.length)] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)

describe('[L6] folding', () => {
  test('does not depend on the order of the amendments, nor on how often they come', () => {
    fc.assert(
      fc.property(amendments, fc.array(fc.nat(), { minLength: 1, maxLength: 28 }), (all, keys) => {
        expect(fold(said, shuffled([...all, ...all], keys))).toEqual(fold(said, all))
      }),
    )
  })

  test('an entry folded as of a head and what comes after it give what folding at once gives', () => {
    fc.assert(
      fc.property(amendments, fc.nat(14), (all, cut) => {
        expect(fold(fold(said, all.slice(0, cut)), all.slice(cut))).toEqual(fold(said, all))
      }),
    )
  })

  test('an amendment that was applied last may come again', () => {
    fc.assert(
      fc.property(amendments, (all) => {
        const folded = fold(said, all)
        const last = all.at(-1)
        if (last?.target === 2) expect(applyAmendment(folded, last)).toEqual(folded)
      }),
    )
  })

  test('is what it says: the newest edit, final deletion, the newest word of each user and emoji', () => {
    fc.assert(
      fc.property(amendments, (all) => {
        const mine = all.filter(({ target }) => target === 2)
        const folded = fold(said, all)
        const deletion = mine.find(({ kind }) => kind === 'delete')
        if (deletion) {
          expect(folded).toEqual({
            ...header,
            seq: 2,
            at: 0,
            senderId: 'u_ana',
            kind: 'message',
            text: '',
            deleted: { seq: deletion.seq, at: deletion.at, by: deletion.senderId },
          })
          return
        }
        const edit = mine.findLast((one) => one.kind === 'edit')
        expect(folded).toMatchObject({ text: edit?.text ?? 'Ebbe um 6:40 🌊', replyTo: 1 })
        const standing = new Set<string>()
        for (const one of mine) if (one.kind === 'reaction') standing[one.on ? 'add' : 'delete'](`${one.emoji} ${one.senderId}`)
        const shown = (folded.reactions ?? []).flatMap(({ emoji, by }) => by.map(({ userId }) => `${emoji} ${userId}`))
        expect(shown.sort()).toEqual([...standing].sort())
        for (const { by } of folded.reactions ?? []) expect(by.length).toBeGreaterThan(0)
      }),
    )
  })

  test('leaves what is no message, and what others name, as it is', () => {
    const removed: FoldedEntry = { ...header, seq: 2, at: 0, senderId: 'u_ana', kind: 'removed', userId: 'u_bo' }
    fc.assert(
      fc.property(amendments, (all) => {
        expect(fold(removed, all)).toEqual(removed)
        expect(fold({ ...said, seq: 1 }, all)).toEqual({ ...said, seq: 1 })
      }),
    )
  })
})
