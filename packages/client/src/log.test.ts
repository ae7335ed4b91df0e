import type { Entry, EntryContent, FoldedEntry } from '@godwit/protocol/entry.ts'
import { isAmendment } from '@godwit/protocol/entry.ts'
import { fold } from '@godwit/protocol/fold.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Held, Log, type Position, type Reported } from './log.ts'

const start: Position = { to: 0, from: 1, count: 0, membershipSeq: 0, holes: [] }
const text = (seq: number): EntryContent => ({ kind: 'message', text: `Sichtung ${seq}: 12 Pfuhlschnepfen` })

function entry(seq: number, content: EntryContent = text(seq)): Entry {
  const header = { seq, messageId: `${seq}`, at: seq, clientMsgId: `m${seq}`, count: seq, membershipSeq: 1 }
  return { ...header, conversationId: 'c_00watt', senderId: 'u_bjorn', ...content } as Entry
}

const raw = (one: Entry): Held => ({ entry: one, asOf: one.seq })
const seqs = (reported: readonly Reported[]) => reported.map(({ held }) => held.entry.seq)

describe('the log of a conversation', () => {
  it('[L6] reports each entry once and in order, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 }), (arrivals) => {
        const log = new Log(start)
        const reported = arrivals.flatMap((seq) => seqs(log.offer(raw(entry(seq)))))
        const rest = seqs(
          log.takeRun(
            log.to,
            Array.from({ length: 12 }, (_, i) => entry(i + 1)),
            12,
          ),
        )
        expect([...reported, ...rest]).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
      }),
    )
  })

  it('[L6] a run tells what one is not entitled to: the seqs that it leaves out', () => {
    const log = new Log(start)
    log.offer(raw(entry(1)))
    expect(seqs(log.offer(raw(entry(8))))).toEqual([])
    expect(seqs(log.takeRun(1, [entry(2), entry(7)], 8))).toEqual([2, 7, 8])
    expect(log.position.holes).toEqual([[3, 6]])
  })

  it('a run that begins beyond the position proves nothing about what is between', () => {
    const log = new Log(start)
    expect(seqs(log.takeRun(4, [entry(5), entry(6)], 6))).toEqual([])
    expect(
      seqs(
        log.takeRun(
          0,
          [1, 2, 3, 4].map((seq) => entry(seq)),
          4,
        ),
      ),
    ).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('a message that is folded as of a head is not changed by amendments up to there', () => {
    const log = new Log(start)
    const run = [
      entry(1),
      entry(2, { kind: 'reaction', target: 1, emoji: '👍', on: true }),
      entry(3, { kind: 'reaction', target: 1, emoji: '👍', on: false }),
      entry(4, { kind: 'edit', target: 1, text: 'Sichtung 1: 14 Pfuhlschnepfen' }),
    ]
    const folded = run.map((one) => fold(one, run.filter(isAmendment)))
    expect(log.takeRun(0, folded, 4).map(({ changed }) => changed)).toEqual([null, null, null, null])
    expect(log.find(1)?.entry).toEqual(folded[0])
    const [later] = log.offer(raw(entry(5, { kind: 'delete', target: 1 })))
    expect(later?.changed?.after.entry.deleted).toMatchObject({ seq: 5 })
  })

  it('an amendment that came before its target is applied to the page that brings the target', () => {
    const log = new Log({ ...start, to: 9, from: 10 })
    log.offer(raw(entry(10, { kind: 'edit', target: 3, text: 'verbessert' })))
    const page: Held = { entry: entry(3) as FoldedEntry, asOf: 9 }
    expect(log.amended(page)).toMatchObject({ entry: { text: 'verbessert' }, asOf: 10 })
    expect(log.amended({ ...page, asOf: 10 })).toEqual({ ...page, asOf: 10 })
  })

  it('one’s own ack becomes the entry, with count and membership of the one before', () => {
    const log = new Log(start)
    const own = { conversationId: 'c_00watt', messageId: '2', at: 2, senderId: 'u_amina', clientMsgId: 'mine', content: text(2) } as const
    expect(log.offer({ ...own, seq: 2 })).toEqual([])
    const reported = log.offer(raw(entry(1, { kind: 'renamed', name: 'Wattzählung' })))
    expect(reported[1]?.held.entry).toMatchObject({ seq: 2, count: 2, membershipSeq: 1, senderId: 'u_amina' })
  })

  it('one’s own ack waits for the page when the entry before it is not known', () => {
    const log = new Log({ ...start, to: 4, count: null, membershipSeq: null })
    const own = { conversationId: 'c_00watt', messageId: '5', at: 5, senderId: 'u_amina', clientMsgId: 'mine', content: text(5) } as const
    expect(log.offer({ ...own, seq: 5 })).toEqual([])
    expect(seqs(log.takeRun(4, [entry(5)], 5))).toEqual([5])
  })

  it('takes the stored tail in front of what came since, with what amends it', () => {
    const log = new Log({ ...start, to: 2, count: 2, membershipSeq: 1 })
    log.offer(raw(entry(3, { kind: 'delete', target: 1 })))
    log.prepend([raw(entry(1)), raw(entry(2))])
    expect(log.tail.map(({ entry }) => entry.seq)).toEqual([1, 2, 3])
    expect(log.find(1)?.entry.deleted).toMatchObject({ seq: 3 })
    expect(log.covers(0)).toBe(true)
  })

  it('[L9] holds a bounded number of entries', () => {
    const log = new Log(start)
    for (let seq = 3; seq < 3_000; seq++) log.offer(raw(entry(seq)))
    expect(seqs(log.takeRun(0, [entry(1), entry(2)], 2))).toHaveLength(1_002)
    for (let seq = log.to + 1; seq < 3_000; seq++) log.offer(raw(entry(seq)))
    expect(log.tail.length).toBeLessThanOrEqual(200)
    expect(log.tail.at(-1)?.entry.seq).toBe(2_999)
  })
})
