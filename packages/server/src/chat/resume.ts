/**
 * Resume in one frame (L7). The device says what it has, and is told every conversation that changed since; it compares with its
 * own store and pages the rest by seq. Never partial: when not everything can be told, the answer is `reset`.
 *
 * A mark is a time, taken `markSlackMs` before the answer was begun: whatever is stored later than the answer read it carries a
 * later time than the mark, so the next resume or heartbeat names it.
 */
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UpFrameOf } from '@godwit/protocol/up.ts'
import type { Clock } from '../ports/clock.ts'
import type { Principal } from './chat.ts'
import type { Receipts } from './receipts.ts'
import { type Row, rowsOf, type SummaryDeps, summarise } from './summaries.ts'

export interface ResumeDeps extends SummaryDeps {
  readonly clock: Clock
  readonly receipts: Receipts
  readonly epoch: string
}

export async function resume(
  deps: ResumeDeps,
  principal: Principal,
  frame: UpFrameOf<'resume'>,
): Promise<DownFrameOf<'resumed'> | DownFrameOf<'reset'>> {
  const { epoch } = deps
  const mark = markNow(deps.clock)
  if (frame.epoch !== null && frame.epoch !== epoch) return { type: 'reset', reason: 'epoch', epoch, mark }
  await deps.receipts.catchUp(principal, frame.reads ?? [])

  const since = sinceOf(frame.epoch === null ? null : frame.mark)
  const rows = await rowsOf(deps, principal.userId, await deps.conversations.membershipsOf(principal.userId))
  const changed = rows.filter((row) => changedAt(row) >= since)
  if (changed.length > limits.resumeConversationsMax) return { type: 'reset', reason: 'too-many', epoch, mark }
  changed.sort((a, b) => b.head.at - a.head.at)
  const answer = await summarise(deps, principal.userId, changed, limits.resumeEntriesBytesMax)
  return { type: 'resumed', epoch, mark, ...answer }
}

/** Heads that changed since the mark; when there are too many, the oldest of them, and a mark that goes on from there. */
export async function changedHeads(deps: ResumeDeps, principal: Principal, mark: string | null): Promise<DownFrameOf<'pong'>> {
  const next = markNow(deps.clock)
  if (mark === null) return { type: 'pong', mark: next, heads: [] }
  const since = sinceOf(mark)
  const memberships = await deps.conversations.membershipsOf(principal.userId)
  const rows = (await rowsOf(deps, principal.userId, memberships))
    .filter((row) => row.head.at >= since)
    .sort((a, b) => a.head.at - b.head.at)
  const told = rows.slice(0, limits.pongHeadsMax)
  const heads = told.map(({ membership, last }) => ({ conversationId: membership.conversationId, seq: last }))
  const lastTold = told.at(-1)
  return { type: 'pong', mark: rows.length > told.length && lastTold ? lastTold.head.at.toString() : next, heads }
}

/** The last time anything changed that this member's row shows. */
function changedAt({ membership, head, cursor, peerCursor }: Row): number {
  const isMember = membership.intervals.some(({ to }) => to === null)
  return Math.max(isMember ? head.at : 0, membership.changedAt, membership.flagsAt, cursor.at, peerCursor?.at ?? 0)
}

function markNow(clock: Clock): string {
  return Math.max(0, clock.now() - limits.markSlackMs).toString()
}

function sinceOf(mark: string | null): number {
  if (mark === null) return 0
  const since = Number(mark)
  if (!Number.isSafeInteger(since) || since < 0) throw new GodwitError('BAD_REQUEST', 'mark: give back the one you were given')
  return since
}
