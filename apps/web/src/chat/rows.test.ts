import type { TimelineItem } from '@godwit/client'
import { describe, expect, test } from 'vitest'
import { deliveryOf } from './delivery.ts'
import { buildRows } from './rows.ts'
import { grownNewer, grownOlder, sliceOf, tailWindow, windowAround, windowRowsMax } from './window.ts'

const noon = new Date(2026, 4, 3, 12).getTime()
const minute = 60_000

function said(seq: number | null, senderId: `u_${string}`, at: number, more: Partial<TimelineItem> = {}): TimelineItem {
  return {
    key: `k${seq ?? Math.random()}`,
    seq,
    clientMsgId: `c${seq}`,
    senderId,
    mine: senderId === 'u_me',
    at,
    content: { kind: 'message', text: 'Zug um 8:40 🚆' },
    edited: false,
    deleted: null,
    reactions: [],
    delivery: 'sent',
    failure: null,
    pendingChange: false,
    ...more,
  }
}

describe('rows', () => {
  test('one sender within five minutes is a group; a day, a system row and the unread line break it', () => {
    const rows = buildRows(
      [
        said(1, 'u_ana', noon - 24 * 60 * minute),
        said(2, 'u_ana', noon),
        said(3, 'u_ana', noon + 5 * minute),
        said(4, 'u_ana', noon + 11 * minute),
        said(5, 'u_bo', noon + 11 * minute, { content: { kind: 'renamed', name: 'Ausflug' } }),
        said(6, 'u_ana', noon + 12 * minute),
        said(7, 'u_ana', noon + 13 * minute),
      ],
      7,
    )
    expect(rows.map(({ day, unread, first, last }) => [day, unread, first, last].map(Number).join(''))).toEqual([
      '1011', // yesterday
      '1010', // a new day
      '0001', // five minutes later
      '0011', // six minutes later
      '0011', // a system row
      '0011', // after it
      '0111', // the first unread one
    ])
  })

  test('kinds this client does not know have no row, and neither has the beginning of a direct chat', () => {
    const poll = { kind: 'poll', question: '?' } as unknown as TimelineItem['content']
    const created: TimelineItem['content'] = { kind: 'created', conversation: 'direct', name: null, members: [], history: 'joined' }
    expect(
      buildRows([said(1, 'u_ana', noon, { content: created }), said(2, 'u_ana', noon, { content: poll }), said(3, 'u_ana', noon)], null),
    ).toHaveLength(1)
  })

  test('the unread line stands once, also above a message that is not sent yet', () => {
    const rows = buildRows([said(1, 'u_ana', noon), said(2, 'u_ana', noon), said(3, 'u_ana', noon), said(null, 'u_me', noon)], 2)
    expect(rows.map((row) => row.unread)).toEqual([false, true, false, false])
  })
})

describe('how far an own message has come', () => {
  const mine = said(10, 'u_me', noon)
  test('direct: by the cursors of the peer', () => {
    expect(deliveryOf(mine, { delivered: 9, read: 9 }, null)).toBe('sent')
    expect(deliveryOf(mine, { delivered: 10, read: 9 }, null)).toBe('delivered')
    expect(deliveryOf(mine, { delivered: 10, read: 12 }, null)).toBe('read')
  })
  test('group: when everybody else has', () => {
    const receipts = (delivered: number, read: number) => ({
      members: 4,
      delivered: [
        [12, 1],
        [10, delivered],
      ] as const,
      read: [[10, read]] as const,
    })
    expect(deliveryOf(mine, null, receipts(2, 1))).toBe('sent')
    expect(deliveryOf(mine, null, receipts(3, 2))).toBe('delivered')
    expect(deliveryOf(mine, null, receipts(3, 3))).toBe('read')
    expect(deliveryOf(mine, null, null)).toBe('sent')
  })
  test('before the log has it: what the outbox says; of others: nothing', () => {
    expect(deliveryOf(said(null, 'u_me', noon, { delivery: 'queued' }), { delivered: 99, read: 99 }, null)).toBe('queued')
    expect(deliveryOf(said(null, 'u_me', noon, { delivery: 'failed' }), null, null)).toBe('failed')
    expect(deliveryOf(said(10, 'u_ana', noon), { delivered: 99, read: 99 }, null)).toBeNull()
  })
})

describe('the window of rows in the document', () => {
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ item: { key: `k${from + i}` } }))

  test('follows the end, and never grows beyond its bound', () => {
    expect(sliceOf(rows(0, 500), tailWindow)).toEqual({ from: 420, to: 500 })
    let window = tailWindow
    for (let i = 0; i < 20; i++) {
      window = grownOlder(rows(0, 500), sliceOf(rows(0, 500), window))
      const { from, to } = sliceOf(rows(0, 500), window)
      expect(to - from).toBeLessThanOrEqual(windowRowsMax)
    }
    expect(sliceOf(rows(0, 500), window).from).toBe(0)
    for (let i = 0; i < 20; i++) window = grownNewer(rows(0, 500), sliceOf(rows(0, 500), window))
    expect(sliceOf(rows(0, 500), window).to).toBe(500)
    expect(window.end).toBeNull()
  })

  test('keeps its rows when older ones come in before them', () => {
    const window = windowAround(rows(100, 200), 50)
    const before = sliceOf(rows(100, 200), window)
    const after = sliceOf(rows(0, 200), window)
    expect(after).toEqual({ from: before.from + 100, to: before.to + 100 })
  })

  test('stands on what is left when its ends are no longer loaded', () => {
    const { from, to } = sliceOf(rows(300, 400), windowAround(rows(0, 100), 50))
    expect(from).toBeLessThan(to)
    expect(to).toBe(100)
  })
})
