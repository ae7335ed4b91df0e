/**
 * The fold of a conversation's membership entries: who may read and write what, as of a seq (DESIGN.md section 4).
 *
 * A roster never changes: an entry makes a new one. So the entries of a batch can be judged one after another, each on the
 * state the one before left, and thrown away when the append does not apply.
 */
import type { Entry, MembershipContent, Role } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { ConversationState, Interval } from '../ports/conversations.ts'

export type MembershipEntry = Entry & MembershipContent

export class Roster {
  readonly state: ConversationState
  /** Members now. */
  readonly roles: ReadonlyMap<UserId, Role>
  #memberSet: ReadonlySet<UserId> | undefined
  #byUser: ReadonlyMap<UserId, readonly Interval[]> | undefined

  constructor(state: ConversationState) {
    this.state = state
    const roles = new Map<UserId, Role>()
    for (const interval of state.intervals) if (interval.to === null) roles.set(interval.userId, interval.role)
    this.roles = roles
  }

  /** Members now, for a fan-out: made once a roster, not once a message. */
  get memberSet(): ReadonlySet<UserId> {
    this.#memberSet ??= new Set(this.roles.keys())
    return this.#memberSet
  }

  /** The other one of a `direct` conversation, also when they are gone. */
  peerOf(userId: UserId): UserId | null {
    if (this.state.kind !== 'direct') return null
    return this.state.intervals.find((interval) => interval.userId !== userId)?.userId ?? null
  }

  intervalsOf(userId: UserId): readonly Interval[] {
    this.#byUser ??= Map.groupBy(this.state.intervals, (interval) => interval.userId)
    return this.#byUser.get(userId) ?? []
  }

  /** Those entitled to the entry at `seq` (L6). */
  entitledTo(seq: number): ReadonlySet<UserId> {
    const covering = this.state.intervals.filter(({ from, to }) => from <= seq && (to === null || seq <= to))
    return new Set(covering.map(({ userId }) => userId))
  }

  /** Owners now. */
  ownerCount(): number {
    let count = 0
    for (const role of this.roles.values()) if (role === 'owner') count++
    return count
  }
}

/** The state after `entry`; `roster` is null before the first entry, `created`. */
export function applyMembership(roster: Roster | null, entry: MembershipEntry): Roster {
  if (entry.kind === 'created') return new Roster(created(entry))
  if (!roster) throw new Error(`conversation ${entry.conversationId} does not begin with created`)
  return new Roster({ ...roster.state, ...change(roster.state, entry), applied: entry.seq, changedAt: entry.at })
}

function created(entry: Extract<MembershipEntry, { kind: 'created' }>): ConversationState {
  return {
    conversationId: entry.conversationId,
    kind: entry.conversation,
    name: entry.name,
    createdBy: entry.senderId,
    history: entry.history,
    applied: entry.seq,
    changedAt: entry.at,
    intervals: entry.members.map(({ userId, role }) => ({ userId, role, from: entry.seq, joined: entry.seq, to: null })),
  }
}

function change(state: ConversationState, entry: MembershipEntry): Partial<ConversationState> {
  switch (entry.kind) {
    case 'created':
      return {}
    case 'added': {
      const from = state.history === 'all' ? 1 : entry.seq
      return {
        intervals: withoutCovered([
          ...state.intervals,
          ...entry.members.map(({ userId, role }) => ({ userId, role, from, joined: entry.seq, to: null })),
        ]),
      }
    }
    case 'removed':
      return { intervals: open(state, (interval) => (interval.userId === entry.userId ? { ...interval, to: entry.seq } : interval)) }
    case 'role':
      return { intervals: open(state, (interval) => (interval.userId === entry.userId ? { ...interval, role: entry.role } : interval)) }
    case 'renamed':
      return { name: entry.name }
    case 'settings':
      // Opening the history extends the intervals of those who are members now, for good; closing it takes nothing back (L6).
      return {
        history: entry.history,
        ...(entry.history === 'all' ? { intervals: withoutCovered(open(state, (interval) => ({ ...interval, from: 1 }))) } : {}),
      }
  }
}

/** Changes the open intervals and leaves the closed ones. */
function open(state: ConversationState, change: (interval: Interval) => Interval): readonly Interval[] {
  return state.intervals.map((interval) => (interval.to === null ? change(interval) : interval))
}

/** An interval that reaches back to the first entry covers the earlier ones of its user: one interval for one stretch. */
function withoutCovered(intervals: readonly Interval[]): readonly Interval[] {
  const whole = new Set(intervals.filter(({ from, to }) => from === 1 && to === null).map(({ userId }) => userId))
  return intervals.filter(({ userId, to }) => to === null || !whole.has(userId))
}
