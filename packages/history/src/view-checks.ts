/** What devices and HTTP show in the end, against the log: C7, C11 and C12. */

import { type Expected, type ExpectedConversation, unreadCap } from './expect.ts'
import type { HistoryLine, ListLine, ViewLine } from './history.ts'
import { firstOutside } from './membership.ts'
import { Held } from './shown.ts'
import type { Check } from './sides.ts'
import type { Verdict } from './verdict.ts'

export class ViewChecks implements Check {
  readonly ops = ['view', 'list'] as const
  readonly #expected: Expected
  readonly #verdict: Verdict
  readonly #orders = new Map<string, readonly string[]>()

  constructor(expected: Expected, verdict: Verdict) {
    this.#expected = expected
    this.#verdict = verdict
  }

  take(line: HistoryLine): void {
    if (line.op === 'list') this.#checkList(line)
    if (line.op !== 'view') return
    const conversation = this.#expected.conversations.get(line.conv)
    if (!conversation || conversation.spansOf(line.user).length === 0) {
      this.#verdict.add('C11', `${line.proc} of ${line.user} shows ${line.conv}, where it never was a member`, withoutEntries(line))
      return
    }
    if (line.entries) this.#checkEntries(line, conversation, line.entries)
    this.#checkRow(line, conversation)
  }

  #checkEntries(line: ViewLine, conversation: ExpectedConversation, entries: NonNullable<ViewLine['entries']>): void {
    const { proc, user, conv } = line
    const spans = conversation.spansOf(user)
    const held = new Held(entries)
    const [span] = spans
    // Nearly everything is as it should be, and compared at once.
    if (span && spans.length === 1 && span[1] === conversation.head && held.isJust(span[0], conversation.digestsFrom(span[0]))) return
    const dueAt = conversation.digestsFor(spans)
    const last = conversation.lastFor(user)
    const seen = withoutEntries(line)
    let missing = 0
    for (const [from, to] of spans)
      for (let seq = from; seq <= to; seq++) {
        const digest = held.at(seq)
        const due = dueAt(seq)
        if (digest === undefined) missing += line.isTail && seq !== last ? 0 : 1
        else if (due !== null && digest !== due)
          this.#verdict.add('C7', `${proc} of ${user} shows ${conv} ${seq} otherwise than the log`, seen, conversation.log.refTo(seq))
      }
    if (missing > 0) this.#verdict.add('C7', `${proc} of ${user} lacks ${missing} entries of ${conv}`, seen)
    const outside = firstOutside(entries.spans, spans)
    if (outside !== undefined) this.#verdict.add('C11', `${proc} of ${user} holds ${conv} ${outside}`, seen)
  }

  #checkRow(line: ViewLine, conversation: ExpectedConversation): void {
    const { proc, user, conv } = line
    const { membership } = conversation
    const expect = (what: string, shown: unknown, due: unknown, isDue = shown === due) => {
      if (isDue) return
      const [is, should] = [shown, due].map((value) => JSON.stringify(value))
      this.#verdict.add('C12', `${proc} of ${user} shows ${what} ${is} in ${conv}; due is ${should}`, withoutEntries(line))
    }

    expect('head', line.head, conversation.lastFor(user))
    expect('last activity', line.at, conversation.activityFor(user))
    const read = conversation.readUpTo(user)
    expect('read', line.read, read)
    const { unread, mentions, deletedSince } = conversation.unread(user, read)
    const isCount = (shown: number, due: number) => shown <= due && shown >= due - deletedSince
    expect('unread', line.unread, unread, isCount(line.unread, unread))
    // Of what was deleted since, the log no longer says whom it mentioned.
    expect('mentions', line.mentions, mentions, unread >= unreadCap || Math.abs(line.mentions - mentions) <= deletedSince)
    const role = membership.members.get(user) ?? null
    expect('role', line.role, role)

    // What happened to the group after one left is not shown.
    if (role === null) return
    expect('name', line.name, membership.name)
    expect('memberCount', line.memberCount, membership.members.size)
    const peer = conversation.peerOf(user)
    if (!peer) return
    const theirs = conversation.cursorOf(peer)
    expect('the delivered cursor of the other', line.peer?.delivered ?? 0, theirs?.delivered ?? 0)
    expect('the read cursor of the other', line.peer?.read ?? 0, theirs?.shown ?? 0)
  }

  /** All devices of a user and HTTP show the same conversations in the order of their last activity. */
  #checkList(line: ListLine): void {
    const due = this.#orders.get(line.user) ?? this.#expected.listOf(line.user).map(({ conv }) => conv)
    this.#orders.set(line.user, due)
    const wrong = due.findIndex((conv, i) => line.order[i] !== conv)
    if (wrong < 0 && line.order.length === due.length) return
    const at = wrong >= 0 ? wrong : due.length
    this.#verdict.add(
      'C12',
      `the list of ${line.proc} of ${line.user} has ${line.order[at] ?? 'nothing'} at ${at}, where ${due[at] ?? 'nothing'} is due`,
      { ...line, order: line.order.slice(0, at + 2) },
    )
  }
}

/** The digests say nothing to a reader, and are long. */
const withoutEntries = (line: ViewLine): ViewLine => ({ ...line, entries: null })
