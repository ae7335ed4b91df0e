/** What devices and HTTP show in the end, against the log: C7 and C12. */
import type { CursorRow, Dump } from './dump.ts'
import { contains, type Expected, type ExpectedConversation } from './expect.ts'
import type { HistoryLine, ViewLine } from './history.ts'
import { unpackDigests } from './shown.ts'
import type { Violations } from './violations.ts'

export function checkViews(history: readonly HistoryLine[], dump: Dump, expected: Expected, violations: Violations): void {
  const cursors = new Map(dump.cursors.map((cursor) => [`${cursor.conv} ${cursor.user}`, cursor]))
  for (const line of history) {
    if (line.op !== 'view') continue
    const conversation = expected.conversations.get(line.conv)
    if (!conversation || conversation.spansOf(line.user).length === 0) {
      violations.add('C11', `${line.proc} of ${line.user} shows ${line.conv}, where it never was a member`, line)
      continue
    }
    if (line.entries) checkEntries(line, conversation, violations)
    checkRow(line, conversation, expected, cursors, violations)
  }
}

/** From here on the counts say no more than "more". */
const unreadCap = 1_000

function checkEntries(line: ViewLine, conversation: ExpectedConversation, violations: Violations): void {
  const spans = conversation.spansOf(line.user)
  const held = unpackDigests(line.entries as NonNullable<ViewLine['entries']>)
  const seen = { ...line, entries: null }
  let missing = 0
  for (const [from, to] of spans)
    for (let seq = from; seq <= to; seq++) {
      const digest = held.get(seq)
      const due = conversation.digestFor(seq, spans)
      if (digest === undefined) missing += line.isTail && seq !== conversation.lastFor(line.user) ? 0 : 1
      else if (due !== null && digest !== due)
        violations.add(
          'C7',
          `${line.proc} of ${line.user} shows ${line.conv} ${seq} otherwise than the log`,
          seen,
          conversation.log[seq - 1],
        )
    }
  if (missing > 0) violations.add('C7', `${line.proc} of ${line.user} lacks ${missing} entries of ${line.conv}`, seen)
  const outside = [...held.keys()].find((seq) => !contains(spans, seq))
  if (outside !== undefined) violations.add('C11', `${line.proc} of ${line.user} holds ${line.conv} ${outside}`, seen)
}

function checkRow(
  line: ViewLine,
  conversation: ExpectedConversation,
  expected: Expected,
  cursors: ReadonlyMap<string, CursorRow>,
  violations: Violations,
): void {
  const { user, conv } = line
  const seen = { ...line, entries: null }
  const differs = (what: string, shown: unknown, due: unknown) =>
    violations.add('C12', `${line.proc} of ${user} shows ${what} ${JSON.stringify(shown)} in ${conv}; due is ${JSON.stringify(due)}`, seen)

  const head = conversation.lastFor(user)
  if (line.head !== head) differs('head', line.head, head)
  const at = conversation.activityFor(user)
  if (line.at !== at) differs('last activity', line.at, at)
  const read = expected.readUpTo(conv, user)
  if (line.read !== read) differs('read', line.read, read)
  const { unread, mentions, deletedSince } = conversation.unread(user, read)
  const isDue = (shown: number, due: number) => shown <= due && shown >= due - deletedSince
  if (!isDue(line.unread, unread)) differs('unread', line.unread, unread)
  if (unread < unreadCap && !isDue(line.mentions, mentions)) differs('mentions', line.mentions, mentions)
  const role = conversation.members.get(user) ?? null
  if (line.role !== role) differs('role', line.role, role)

  // What happened to the group after one left is not shown.
  if (role === null) return
  if (line.name !== conversation.name) differs('name', line.name, conversation.name)
  if (line.memberCount !== conversation.members.size) differs('memberCount', line.memberCount, conversation.members.size)
  const peer = conversation.peerOf(user)
  const theirs = peer ? cursors.get(`${conv} ${peer}`) : undefined
  if (peer && (line.peer?.delivered ?? 0) !== (theirs?.delivered ?? 0))
    differs('the delivered cursor of the other', line.peer?.delivered, theirs?.delivered)
  if (peer && (line.peer?.read ?? 0) !== (theirs?.shown ?? 0)) differs('the read cursor of the other', line.peer?.read, theirs?.shown)
}

/** A cursor that a device has shown never goes back, and no reading is lost. */
export function checkCursors(history: readonly HistoryLine[], expected: Expected, violations: Violations): void {
  const lines = history.filter((line) => line.op === 'cursor' || line.op === 'read' || line.op === 'reset').sort((a, b) => a.t - b.t)
  const shown = new Map<string, number>()
  for (const line of lines) {
    if (line.op === 'reset') {
      for (const key of shown.keys()) if (key.startsWith(`${line.proc} `)) shown.delete(key)
      continue
    }
    if (line.op === 'read') {
      const conversation = expected.conversations.get(line.conv)
      const spans = conversation?.spansOf(line.user) ?? []
      // One who has left meanwhile may have come too late with it.
      const isMember = spans.length === 1 && spans[0]?.[1] === conversation?.head
      const stored = expected.readUpTo(line.conv, line.user)
      if (isMember && stored < line.seq)
        violations.add('C12', `${line.user} has read ${line.conv} to ${line.seq}; stored is ${stored}`, line)
      continue
    }
    const key = `${line.proc} ${line.conv}`
    const before = shown.get(key) ?? 0
    if (line.read < before) violations.add('C12', `the read cursor of ${line.proc} in ${line.conv} went back from ${before}`, line)
    shown.set(key, Math.max(before, line.read))
  }
}

/** All devices of a user and HTTP show the same conversations in the order of their last activity. */
export function checkLists(history: readonly HistoryLine[], expected: Expected, violations: Violations): void {
  const due = new Map<string, readonly string[]>()
  for (const line of history) {
    if (line.op !== 'list') continue
    const order = due.get(line.user) ?? expected.listOf(line.user).map(({ conv }) => conv)
    due.set(line.user, order)
    const wrong = order.findIndex((conv, i) => line.order[i] !== conv)
    if (wrong >= 0 || line.order.length !== order.length) {
      const at = wrong >= 0 ? wrong : order.length
      violations.add(
        'C12',
        `the list of ${line.proc} of ${line.user} has ${line.order[at] ?? 'nothing'} at ${at}, where ${order[at] ?? 'nothing'} is due`,
        { ...line, order: line.order.slice(0, at + 2) },
      )
    }
  }
}
