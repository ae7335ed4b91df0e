/**
 * The live sessions of this node, by user, and who of them looks at which conversation.
 *
 * An entry is encoded once and the same bytes are queued for every session: encoding for each recipient would cost more than all
 * the rest of the fan-out. Entries that come together are one list, which all sessions share (decision 26).
 */
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Announcement, Delivery, Run } from '../ports/delivery.ts'
import type { Frame } from '../ports/socket.ts'
import { encodeDown, encodeEntry } from './encode.ts'
import { Watchers } from './watchers.ts'

/** A session as the hub sees it. */
export interface HubSession {
  readonly id: string
  readonly userId: UserId
  /** Somebody looks at the client's screen. */
  readonly isActive: boolean
  /** In this order, next to each other. The list is shared with other sessions. */
  push(frames: readonly Frame[]): void
  /** In no hurry: goes out with what goes next. */
  pushLater(frame: Frame): void
  /** Typing and presence: may be dropped. */
  pushLossy(frame: Frame): void
  /** The head of a quiet conversation has moved; the session is told later, once for many. */
  quietHeadMoved(conversationId: ConversationId): void
}

interface UserSessions {
  /** Replaced, never changed in place: a push may close a session in the middle of a round. */
  sessions: readonly HubSession[]
  /**
   * By conversation: is it muted or archived? A false is newer than what a resume reads at the same moment. null until the first is
   * noted: most users have none.
   */
  quiet: Map<ConversationId, boolean> | null
  removals: number
}

const none: ReadonlySet<ConversationId> = new Set()

export class Hub implements Delivery {
  readonly #users = new Map<UserId, UserSessions>()
  readonly #watchers = new Watchers<HubSession, ConversationId>()
  readonly #onRemoved: ((userId: UserId) => void)[] = []

  /** From here on the session is pushed to. */
  add(session: HubSession): void {
    const user = this.#users.get(session.userId)
    if (user) user.sessions = [...user.sessions, session]
    else this.#users.set(session.userId, { sessions: [session], quiet: null, removals: 0 })
  }

  remove(session: HubSession): void {
    this.watch(session, none)
    const user = this.#users.get(session.userId)
    if (!user) return
    user.sessions = user.sessions.filter((other) => other !== session)
    if (user.sessions.length === 0) this.#users.delete(session.userId)
  }

  /** What the projection says; a change that has passed by here meanwhile is newer and stays. */
  setQuiet(userId: UserId, conversationIds: ReadonlySet<ConversationId>): void {
    const user = this.#users.get(userId)
    if (!user) return
    for (const id of conversationIds) if (!user.quiet?.has(id)) noteQuiet(user, id, true)
  }

  /** Replaces what the session looks at. */
  watch(session: HubSession, conversationIds: ReadonlySet<ConversationId>): void {
    this.#watchers.set(session, conversationIds)
  }

  watchedBy(session: HubSession): ReadonlySet<ConversationId> {
    return this.#watchers.watchedBy(session)
  }

  watchersOf(conversationId: ConversationId): ReadonlySet<HubSession> {
    return this.#watchers.of(conversationId)
  }

  sessionsOf(userId: UserId): readonly HubSession[] {
    return this.#users.get(userId)?.sessions ?? []
  }

  /**
   * Grows, while the user has a session, when they leave a conversation or are removed from it: what was checked before may not be
   * watched now (T7).
   */
  removalsOf(userId: UserId): number {
    return this.#users.get(userId)?.removals ?? 0
  }

  /** `hear` is told of each member who has left or was removed, on any conversation. */
  onRemoved(hear: (userId: UserId) => void): void {
    this.#onRemoved.push(hear)
  }

  entries(run: Run, recipients: Iterable<UserId>): void {
    try {
      this.#push(run, recipients)
    } finally {
      for (const { entry } of run) if (entry.kind === 'removed') this.#memberRemoved(entry.conversationId, entry.userId)
    }
  }

  toUser(userId: UserId, frame: DownFrame): void {
    const user = this.#users.get(userId)
    if (!user) return
    // Every change of the flags passes by here as the new row of the list.
    if (frame.type === 'conversations')
      for (const { conversationId, flags } of frame.conversations) noteQuiet(user, conversationId, flags.muted || flags.archived)
    const bytes = encodeDown(frame)
    if (frame.type === 'receipt') for (const session of user.sessions) session.pushLater(bytes)
    else for (const session of user.sessions) session.push([bytes])
  }

  toWatchers(conversationId: ConversationId, frame: DownFrame, exceptUserId: UserId | null = null): void {
    if (!this.isWatched(conversationId)) return
    const bytes = encodeDown(frame)
    for (const session of this.#watchers.of(conversationId)) {
      if (!session.isActive || session.userId === exceptUserId) continue
      if (frame.type === 'typing') session.pushLossy(bytes)
      else session.push([bytes])
    }
  }

  isWatched(conversationId: ConversationId): boolean {
    return this.#watchers.of(conversationId).size > 0
  }

  #push(run: Run, recipients: Iterable<UserId>): void {
    const { conversationId } = run[0].entry
    let frames: readonly Frame[] | null = null
    for (const userId of recipients) {
      const user = this.#users.get(userId)
      if (!user) continue
      const isQuiet = user.quiet?.get(conversationId) === true
      for (const session of user.sessions) {
        const isNews = ({ exceptSessionId }: Announcement) => exceptSessionId !== session.id
        if (!run.some(isNews)) continue
        if (isQuiet && !this.watchedBy(session).has(conversationId)) {
          session.quietHeadMoved(conversationId)
          continue
        }
        frames ??= run.map(({ entry }) => encodeEntry(entry))
        session.push(run.every(isNews) ? frames : frames.filter((_, n) => isNews(run[n] as Announcement)))
      }
    }
  }

  /** Who is no member any more looks at nothing there (T7). */
  #memberRemoved(conversationId: ConversationId, userId: UserId): void {
    const user = this.#users.get(userId)
    if (user) user.removals++
    for (const session of user?.sessions ?? []) {
      const watched = this.watchedBy(session)
      if (watched.has(conversationId)) this.watch(session, new Set([...watched].filter((id) => id !== conversationId)))
    }
    for (const hear of this.#onRemoved) hear(userId)
  }
}

function noteQuiet(user: UserSessions, conversationId: ConversationId, isQuiet: boolean): void {
  user.quiet ??= new Map()
  user.quiet.set(conversationId, isQuiet)
}
