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
import type { Inbox } from '../ports/inbox.ts'
import type { Principal } from './chat.ts'
import type { Receipts } from './receipts.ts'
import { outlineOf, type Row, rowsOf } from './rows.ts'
import { type SummaryDeps, summarise } from './summaries.ts'

export interface ResumeDeps extends SummaryDeps {
  readonly clock: Clock
  readonly inbox: Inbox
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

  const since = sinceOf(frame.epoch === null ? null : frame.mark, deps.clock).at
  const seen = await deps.inbox.changedSince(principal.userId, principal.deviceId, since)
  const changed = await rowsOf(deps, principal.userId, seen, since)
  if (changed.length > limits.resumeConversationsMax) return { type: 'reset', reason: 'too-many', epoch, mark }
  changed.sort((a, b) => b.lastAt - a.lastAt)
  // A mark lies `markSlackMs` back, so most of what changed since is what this device has told us it has.
  const delivered = new Map(frame.mark === null ? [] : seen.map(({ membership, delivered }) => [membership.conversationId, delivered]))
  const isKnown = (row: Row) => isStanding(row, since) && row.last <= (delivered.get(row.membership.conversationId) ?? 0)
  const { told = [], outlined } = Object.groupBy(changed, (row) => (frame.outlines && isKnown(row) ? 'outlined' : 'told'))
  const answer = await summarise(deps, principal.userId, told, limits.resumeEntriesBytesMax, delivered)
  return { type: 'resumed', epoch, mark, ...answer, ...(outlined && { outlines: outlined.map(outlineOf) }) }
}

/** Neither members nor flags have changed: the rest of a row follows from its entries and cursors. */
function isStanding({ membership: { changedAt, flagsAt } }: Row, since: number): boolean {
  return changedAt < since && flagsAt < since
}

/** What changed since the mark (L6); when that is too much, the oldest of it, and a mark that goes on from there. */
export async function changes(deps: ResumeDeps, principal: Principal, mark: string | null): Promise<DownFrameOf<'pong'>> {
  const next = markNow(deps.clock)
  if (mark === null) return { type: 'pong', mark: next, conversations: [] }
  const since = sinceOf(mark, deps.clock)
  const seen = await deps.inbox.changedSince(principal.userId, principal.deviceId, since.at)
  const rows = (await rowsOf(deps, principal.userId, seen, since.at))
    .map((row) => ({ changedAt: row.changedAt, outline: outlineOf(row) }))
    .filter(({ changedAt, outline }) => changedAt > since.at || outline.conversationId > since.behind)
    .sort((a, b) => a.changedAt - b.changedAt || (a.outline.conversationId < b.outline.conversationId ? -1 : 1))
  const told = rows.slice(0, limits.pongConversationsMax)
  const lastTold = told.at(-1)
  return {
    type: 'pong',
    mark: rows.length > told.length && lastTold ? `${lastTold.changedAt}${separator}${lastTold.outline.conversationId}` : next,
    conversations: told.map(({ outline }) => outline),
  }
}

const separator = '>'

function markNow(clock: Clock): string {
  return Math.max(0, clock.now() - limits.markSlackMs).toString()
}

/** Changes at `at` of the conversations `behind`, and all later ones, are news to who has this mark. */
function sinceOf(mark: string | null, clock: Clock): { readonly at: number; readonly behind: string } {
  const [time = '0', behind = ''] = mark === null ? [] : mark.split(separator)
  const at = Number(time)
  if (time === '' || !Number.isSafeInteger(at) || at < 0) throw new GodwitError('BAD_REQUEST', 'mark: give back the one you were given')
  // A mark of the future: the clock was set back since it was given. What was stamped after that may look old, so all is told.
  return at > clock.now() ? { at: 0, behind: '' } : { at, behind }
}
