import type { Entry, FoldedEntry } from '@godwit/protocol/entry.ts'
import { expect, it } from 'vitest'
import { Log } from './log.ts'
import { amina, bjorn, talk } from './testing/sim-world.ts'
import { Unread } from './unread.ts'

const header = (seq: number) =>
  ({
    conversationId: talk,
    seq,
    messageId: `${seq}`,
    at: seq,
    senderId: bjorn,
    clientMsgId: `id-${seq}`,
    count: 1,
    membershipSeq: 1,
  }) as const

it('[L8] a deletion that came folded with its message, after the figures were counted, is asked about and not guessed', () => {
  const log = new Log({ to: 1, from: 1, count: 0, membershipSeq: 1, holes: [] })
  // Counted as of seq 2; read together with what was appended since, as a snapshot of another moment.
  const unread = new Unread(1, { unread: 1, mentions: 0 }, 2)
  const deletion: Entry = { ...header(3), kind: 'delete', target: 2 }
  const message: FoldedEntry = { ...header(2), kind: 'message', text: '', deleted: { seq: 3, at: 3, by: bjorn } }
  const head = 400
  for (const reported of log.takeRun(1, [message, deletion], 3)) unread.report(reported, log, head, amina)
  expect(unread.unsure).toBe(true)
  unread.correct(1, { unread: 0, mentions: 0 }, head, log, head, amina)
  expect(unread).toMatchObject({ unsure: false, figures: { unread: 0, mentions: 0 } })
})

it('[L8] a count that was on its way when a deletion came is asked for again, and not believed', () => {
  // The newest entries of a long conversation: the message deleted is not among them.
  const log = new Log({ to: 398, from: 1, count: 390, membershipSeq: 1, holes: [] })
  const unread = new Unread(1, { unread: 253, mentions: 0 }, 398)
  const deletion: Entry = { ...header(399), kind: 'delete', target: 120 }
  for (const reported of log.takeRun(398, [deletion], 399)) unread.report(reported, log, 399, amina)
  expect(unread.unsure).toBe(true)
  // It was asked for another reason, before the deletion.
  unread.correct(1, { unread: 253, mentions: 0 }, 398, log, 399, amina)
  expect(unread.unsure).toBe(true)
  unread.correct(1, { unread: 252, mentions: 0 }, 399, log, 399, amina)
  expect(unread).toMatchObject({ unsure: false, figures: { unread: 252, mentions: 0 } })
})

it('[L8] reading on another device, counted by a server that has not heard of the newest entries, hides none of them', () => {
  const message = (seq: number): FoldedEntry => ({ ...header(seq), kind: 'message', text: `Knots at the north hide: ${seq * 40}` })
  const held = new Log({ to: 398, from: 1, count: 390, membershipSeq: 1, holes: [] })
  const unread = new Unread(300, { unread: 98, mentions: 0 }, 398)
  for (const reported of held.takeRun(398, [message(399), message(400)], 400)) unread.report(reported, held, 400, amina)
  // Up to 398 it has counted 8; the two that have come since count on top.
  unread.correct(390, { unread: 8, mentions: 0 }, 398, held, 400, amina)
  expect(unread).toMatchObject({ unsure: false, figures: { unread: 10, mentions: 0 } })
  // One that knows 395 as the newest: what stands between is not at hand.
  unread.correct(391, { unread: 4, mentions: 0 }, 395, held, 400, amina)
  expect(unread.unsure).toBe(true)
})
