/**
 * Delivered and read cursors (L8): moved by devices, merged for `cursorWriteIntervalMs`, written together, then told to those
 * they concern: the user's own devices, the peer of a `direct` conversation, and those who look at a group.
 */
import type { CursorAnswer, Receipts as ReceiptsAnswer } from '@godwit/protocol/api.ts'
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { ConversationKind } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Cursor, CursorMove } from '../ports/cursors.ts'
import type { Appenders } from './appenders.ts'
import type { Principal } from './chat.ts'
import { type GroupReceiptDeps, GroupReceipts } from './group-receipts.ts'
import { type Seat, seatIn, seatOf } from './memberships.ts'
import type { People } from './people.ts'
import { joinedAt } from './rows.ts'
import { loadStanding, type Standing } from './standing.ts'
import { isVisible, lastVisible, visibleRanges } from './visibility.ts'

export interface ReceiptDeps extends GroupReceiptDeps {
  readonly appenders: Appenders
  readonly people: People
}

type Status = 'delivered' | 'read'

export class Receipts {
  readonly #deps: ReceiptDeps
  readonly #groups: GroupReceipts
  #pending = new Map<string, CursorMove>()
  #flush: Promise<void> | null = null

  constructor(deps: ReceiptDeps) {
    this.#deps = deps
    this.#groups = new GroupReceipts(deps)
  }

  /** Durable when it answers. Throws FORBIDDEN, or CURSOR_AHEAD for a seq that is not there (yet). */
  advance(principal: Principal, conversationId: ConversationId, seq: number, status: Status): Promise<void> {
    const move = this.#moveAtHand(principal, conversationId, seq, status)
    return move ? this.#add(move) : this.#move(principal, conversationId, seq, status).then((looked) => this.#add(looked))
  }

  /** One's own reading. Throws FORBIDDEN. */
  async own({ userId }: Principal, conversationId: ConversationId): Promise<CursorAnswer> {
    const [[cursor], seat] = await Promise.all([this.#deps.cursors.of([{ conversationId, userId }]), this.#seat(userId, conversationId)])
    return this.#own(cursor as Cursor, seat, userId)
  }

  /** What a device has read while it was away. One that is ahead of a restored log, or of an ended membership, says nothing. */
  async catchUp(principal: Principal, reads: readonly { readonly conversationId: ConversationId; readonly seq: number }[]): Promise<void> {
    const moves = await Promise.all(
      reads.map(({ conversationId, seq }) =>
        this.#move(principal, conversationId, seq, 'read').catch((error: unknown) => {
          if (error instanceof GodwitError && (error.code === 'FORBIDDEN' || error.code === 'CURSOR_AHEAD')) return null
          throw error
        }),
      ),
    )
    await this.#write(moves.filter((move) => move !== null))
  }

  /** Who has received and read the entry at `seq`, the asker left out. */
  async who(principal: Principal, conversationId: ConversationId, seq: number): Promise<ReceiptsAnswer> {
    const standing = await loadStanding(this.#deps.log, this.#deps.conversations, conversationId)
    if (!standing?.roster.roles.has(principal.userId) || !seesSeq(standing, principal, seq)) throw new GodwitError('FORBIDDEN')
    const all = await this.#deps.cursors.ofConversation(conversationId)
    // Who joined later has a cursor beyond an entry they cannot see.
    const entitled = new Set([...standing.roster.entitledTo(seq)].filter((userId) => standing.roster.roles.has(userId)))
    const others = all.filter(({ userId }) => userId !== principal.userId && entitled.has(userId))
    return {
      seq,
      members: entitled.size - 1,
      delivered: others.filter(({ delivered }) => delivered >= seq).map(({ userId }) => userId),
      read: others.filter(({ shown }) => shown >= seq).map(({ userId }) => userId),
    }
  }

  /** Where a watcher of a group starts from; null for `direct`. */
  async now(principal: Principal, conversationId: ConversationId): Promise<DownFrameOf<'receipts'> | null> {
    const standing = await this.#deps.appenders.standing(conversationId)
    if (!standing?.roster.roles.has(principal.userId)) throw new GodwitError('FORBIDDEN')
    return standing.roster.state.kind === 'group' ? this.#groups.aggregate(standing.roster) : null
  }

  #add(move: CursorMove): Promise<void> {
    const key = `${move.conversationId} ${move.userId} ${move.deviceId ?? ''}`
    this.#pending.set(key, merge(this.#pending.get(key), move))
    this.#flush ??= new Promise((resolve, reject) => {
      this.#deps.clock.setTimer(limits.cursorWriteIntervalMs, () => {
        const moves = [...this.#pending.values()]
        this.#pending = new Map()
        this.#flush = null
        this.#write(moves).then(resolve, reject)
      })
    })
    return this.#flush
  }

  /** Nearly every move: of a member's device that has received what an active conversation has in memory. null for the others. */
  #moveAtHand({ userId, deviceId }: Principal, conversationId: ConversationId, seq: number, status: Status): CursorMove | null {
    const standing = this.#deps.appenders.inMemory(conversationId)
    if (status !== 'delivered' || !standing) return null
    const intervals = standing.roster.intervalsOf(userId)
    if (intervals.length === 0 || seq > lastVisible(intervals, standing.head.seq)) return null
    return { conversationId, userId, deviceId, delivered: seq, at: this.#deps.clock.now() }
  }

  async #move(principal: Principal, conversationId: ConversationId, seq: number, status: Status): Promise<CursorMove> {
    const { userId, deviceId } = principal
    let last = lastIn(await this.#seat(userId, conversationId))
    // The appender's memory may be behind another node's append.
    if (seq > last) last = lastIn(await seatOf(this.#deps, userId, conversationId))
    if (seq > last) throw new GodwitError('CURSOR_AHEAD', `the head is ${last}`)
    const at = this.#deps.clock.now()
    if (status === 'delivered') return { conversationId, userId, deviceId, delivered: seq, at }
    const isShown = await this.#deps.people.showsReading(userId)
    return { conversationId, userId, deviceId, delivered: seq, read: seq, ...(isShown ? { shown: seq } : {}), at }
  }

  async #write(moves: readonly CursorMove[]): Promise<void> {
    if (moves.length === 0) return
    const cursors = await this.#deps.cursors.advance(moves)
    // Telling is best effort: the cursors are stored, and a resume names them.
    this.#tell(moves, cursors).catch((error: unknown) => this.#deps.onError(error, (moves[0] as CursorMove).conversationId))
  }

  async #tell(moves: readonly CursorMove[], cursors: readonly Cursor[]): Promise<void> {
    await Promise.all(
      moves.map((move, i) => {
        const cursor = cursors[i] as Cursor
        const roster = this.#deps.appenders.inMemory(move.conversationId)?.roster
        const isAtHand = roster !== undefined && move.read === undefined
        return isAtHand ? this.#tellOthers(move, cursor, roster.state.kind, roster.peerOf(move.userId)) : this.#tellFromSeat(move, cursor)
      }),
    )
  }

  async #tellFromSeat(move: CursorMove, cursor: Cursor): Promise<void> {
    const { conversationId, userId } = move
    const seat = await this.#seat(userId, conversationId)
    if (move.read !== undefined) {
      const own = await this.#own(cursor, seat, userId)
      this.#deps.delivery.toUser(userId, { type: 'read', conversationId, ...own })
    }
    this.#tellOthers(move, cursor, seat.membership.kind, seat.membership.peerId)
  }

  #tellOthers({ conversationId, userId }: CursorMove, { delivered, shown }: Cursor, kind: ConversationKind, peerId: UserId | null): void {
    if (kind === 'group') this.#groups.changed(conversationId)
    else if (peerId) this.#deps.delivery.toUser(peerId, { type: 'receipt', conversationId, userId, delivered, read: shown })
  }

  /** Out of an active conversation's memory, or by one trip. Throws FORBIDDEN for who was never a member. */
  async #seat(userId: UserId, conversationId: ConversationId): Promise<Seat> {
    const standing = this.#deps.appenders.inMemory(conversationId)
    return (standing && seatIn(standing, userId)) ?? (await seatOf(this.#deps, userId, conversationId))
  }

  async #own(cursor: Cursor, seat: Seat, userId: UserId): Promise<CursorAnswer> {
    const { conversationId, intervals } = seat.membership
    const read = Math.max(cursor.read, joinedAt(intervals))
    const upTo = lastIn(seat)
    const [count] = read < upTo ? await this.#deps.log.unread([{ conversationId, userId, after: read, upTo }]) : []
    return { read, head: upTo, unread: count?.unread ?? 0, mentions: count?.mentions ?? 0 }
  }
}

function lastIn({ membership, head }: Seat): number {
  return lastVisible(membership.intervals, head.seq)
}

function seesSeq({ roster, head }: Standing, { userId }: Principal, seq: number): boolean {
  return isVisible(visibleRanges(roster.intervalsOf(userId), head.seq), seq)
}

function merge(one: CursorMove | undefined, other: CursorMove): CursorMove {
  if (!one) return other
  const max = (key: 'delivered' | 'read' | 'shown') => {
    const value = Math.max(one[key] ?? 0, other[key] ?? 0)
    return value > 0 ? { [key]: value } : {}
  }
  return { ...other, ...max('delivered'), ...max('read'), ...max('shown') }
}
