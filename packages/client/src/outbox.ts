/**
 * What is not in the log yet: stored before it is sent, sent in order, resent with the same id until the log has it (L3, L4, L5).
 *
 * Each conversation has a lane. Of a lane up to `clientUnderWayPerConversationMax` commands are under way; each names the unsettled one before it in
 * `after`, so that none can land before its predecessor. When an answer leaves the outcome open (a lost connection, no answer,
 * `RETRY_IN_ORDER`, a busy server), the lane starts again from its first unsettled command. A refusal for good makes the command
 * `failed`, and the lane goes on without it.
 */
import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ClientMsgId, ConversationId } from '@godwit/protocol/ids.ts'
import type { AppendFrame } from '@godwit/protocol/up.ts'
import { type Cache, keys } from './cache.ts'
import { backoffMs, type Clock, uuid } from './clock.ts'
import { Derived } from './live.ts'
import { Command, type CommandContent, checkContent, type StoredCommand } from './outbox-item.ts'
import { receivedError } from './received-error.ts'
import type { Tabs } from './tabs.ts'
import type { Acked, ClientEventOf, Failure, OutboxItem } from './types.ts'

const answerTimeoutMs = 20_000
const retryBaseMs = 250
const retryMaxMs = 15_000
/** Unsent for longer than this, it asks before going out: the talk has moved on. */
const staleMs = 24 * 60 * 60 * 1000

interface Lane {
  commands: Command[]
  attempt: number
  /** Commands under way at most. One after a refusal: if the next is refused too, those behind it would only bounce. */
  width: number
  /** Set while the lane waits before it starts again. */
  cancelWait: (() => void) | null
  cancelTimeout: (() => void) | null
}

export interface OutboxOptions {
  readonly cache: Cache
  readonly clock: Clock
  readonly tabs: Tabs
  /** False when there is no live session. */
  readonly send: (frame: AppendFrame) => boolean
  readonly renewToken: () => void
  readonly onChange: (item: OutboxItem, change: ClientEventOf<'outbox'>['change']) => void
  /** An ack of one's own command: the entry, for the session that sent it. */
  readonly onAcked: (acked: Acked, content: CommandContent) => void
  readonly report: (error: unknown) => void
}

/** What tabs tell each other. */
type Notice =
  | { readonly outbox: 'put'; readonly key: string; readonly stored: StoredCommand }
  | { readonly outbox: 'gone'; readonly key: string; readonly acked: Acked | null }

export class Outbox {
  readonly #o: OutboxOptions
  readonly #lanes = new Map<ConversationId, Lane>()
  readonly #byId = new Map<string, Command>()
  readonly items = new Derived<readonly OutboxItem[]>(() => [...this.#byId.values()].map(({ item }) => item))
  #leading = false
  #online = false
  #inFlight = 0
  #lastOrder = 0

  constructor(options: OutboxOptions) {
    this.#o = options
  }

  commands(conversationId: ConversationId): readonly Command[] {
    return this.#lanes.get(conversationId)?.commands ?? []
  }

  get(conversationId: ConversationId, clientMsgId: ClientMsgId): Command | null {
    return this.#byId.get(idOf(conversationId, clientMsgId)) ?? null
  }

  /** Reads what the store has; again when this tab begins to lead, for what a tab left that is gone. */
  async load(): Promise<void> {
    const pairs = await this.#o.cache.store.list(keys.outbox)
    for (const [key, value] of pairs) this.#adopt(key, value as StoredCommand)
  }

  lead(): void {
    this.#leading = true
    this.load().then(() => this.#drainAll(), this.#o.report)
  }

  /** Another tab sends from now on. */
  follow(): void {
    this.#leading = false
  }

  /** They are of somebody else. */
  forget(): void {
    for (const command of [...this.#byId.values()]) {
      this.#drop(command, 'removed')
      command.reject(new GodwitError('NOT_FOUND', 'taken back'))
    }
  }

  /** The log is that of a backup: the seq that an edit, deletion or reaction names may be another message now. */
  restored(): void {
    for (const command of [...this.#byId.values()]) {
      if (!('target' in command.stored.content)) continue
      this.#remove(command, null, 'removed')
      command.reject(new GodwitError('NOT_FOUND', 'the log was restored'))
    }
  }

  online(): void {
    this.#online = true
    const staleBefore = this.#o.clock.now() - staleMs
    for (const command of this.#byId.values())
      if (!command.stored.failure && command.stored.createdAt < staleBefore)
        this.#fail(command, { code: 'STALE', message: 'This was written more than a day ago. Send it now?' })
    this.#drainAll()
  }

  offline(): void {
    this.#online = false
    for (const command of this.#byId.values()) command.unanswered = 0
    for (const lane of this.#lanes.values()) this.#rewind(lane)
  }

  /** Throws `BAD_REQUEST` or `TOO_LARGE` for what could never be sent, and `LIMIT_REACHED` when too much waits already. */
  add(conversationId: ConversationId, content: CommandContent): { command: Command; stored: Promise<void> } {
    checkContent(content)
    if (this.#byId.size >= limits.clientUnsentMax) throw new GodwitError('LIMIT_REACHED', 'clientUnsentMax')
    const now = this.#o.clock.now()
    return this.#put({ conversationId, clientMsgId: uuid(this.#o.clock), content, createdAt: now, failure: null })
  }

  retry(conversationId: ConversationId, clientMsgId: ClientMsgId): void {
    const command = this.get(conversationId, clientMsgId)
    if (!command?.stored.failure) return
    // An id that was used for something else stays taken (L3).
    const id = command.stored.failure.code === 'ID_REUSED' ? uuid(this.#o.clock) : clientMsgId
    this.#drop(command, 'removed')
    this.#o.tabs.post({ outbox: 'gone', key: command.key, acked: null } satisfies Notice)
    this.#put({ ...command.stored, clientMsgId: id, createdAt: this.#o.clock.now(), failure: null }, command.key)
  }

  /** Throws `BAD_REQUEST` when it may be under way: then only a deletion takes it back. */
  discard(conversationId: ConversationId, clientMsgId: ClientMsgId): void {
    const command = this.get(conversationId, clientMsgId)
    if (!command) return
    if (command.attempted && !command.stored.failure) throw new GodwitError('BAD_REQUEST', 'it is on its way already')
    this.#remove(command, null, 'removed')
    command.reject(new GodwitError('NOT_FOUND', 'taken back'))
  }

  /** The log has it: by an ack, or because its entry came some other way. */
  ack({ conversationId, clientMsgId, messageId, seq, at }: Acked): void {
    const command = this.get(conversationId, clientMsgId)
    if (!command) return
    const acked = { conversationId, clientMsgId, messageId, seq, at }
    this.#remove(command, acked, 'acked')
    command.resolve(acked)
    this.#o.onAcked(acked, command.stored.content)
    const lane = this.#lanes.get(conversationId)
    if (lane) {
      lane.attempt = 0
      lane.width = limits.clientUnderWayPerConversationMax
    }
    this.#drainAll(conversationId)
  }

  /** An entry of this user, from wherever. */
  sawEntry(entry: FoldedEntry): void {
    if (this.#byId.size > 0) this.ack(entry)
  }

  /** Answers whether the error was about a command. */
  refused(frame: DownFrameOf<'error'>): boolean {
    const { conversationId, clientMsgId, message } = frame
    if (conversationId === undefined || clientMsgId === undefined) return false
    const command = this.get(conversationId, clientMsgId)
    const lane = this.#lanes.get(conversationId)
    if (!command || !lane) return true
    command.unanswered--
    // Late news of a command that waits for its next try already.
    if (!command.inFlight) return true
    const error = receivedError(frame, 'BAD_REQUEST')
    if (error.retry === 'never') {
      // What was forbidden a moment ago may be allowed when the next copy comes: the last answer counts.
      if (command.unanswered > 0) return true
      this.#fail(command, { code: error.code, message })
      command.reject(error)
      // Those behind it bounce for its sake, not because anything is slow.
      lane.attempt = 0
      lane.width = 1
      this.#drainAll(conversationId)
      return true
    }
    if (error.retry === 'reauth') this.#o.renewToken()
    this.#restart(lane, Math.max(error.retryAfterMs ?? 0, backoffMs(this.#o.clock, lane.attempt++, retryBaseMs, retryMaxMs)))
    return true
  }

  /** From another tab. */
  heard(message: unknown): void {
    const notice = message as Notice
    if (notice?.outbox === 'put') {
      this.#adopt(notice.key, notice.stored)
      this.#drainAll(notice.stored.conversationId)
    } else if (notice?.outbox === 'gone') {
      const command = [...this.#byId.values()].find(({ key }) => key === notice.key)
      if (!command) return
      if (notice.acked) command.resolve(notice.acked)
      else command.reject(new GodwitError('NOT_FOUND', 'taken back'))
      this.#drop(command, notice.acked ? 'acked' : 'removed')
    }
  }

  /** In one write with the end of the command that it takes the place of. */
  #put(rest: Omit<StoredCommand, 'order'>, replacedKey?: string): { command: Command; stored: Promise<void> } {
    this.#lastOrder = Math.max(this.#lastOrder + 1, rest.createdAt)
    const value: StoredCommand = { ...rest, order: this.#lastOrder }
    const key = `${keys.outbox}${String(value.order).padStart(16, '0')}/${value.clientMsgId}`
    const command = new Command(key, value, false)
    this.#insert(command)
    const stored = this.#o.cache.durable(
      replacedKey === undefined
        ? [[key, value]]
        : [
            [replacedKey, undefined],
            [key, value],
          ],
    )
    stored
      // Without a store to keep it, it is still better sent than not.
      .catch(this.#o.report)
      .then(() => {
        command.safe = true
        if (command.settled) return
        // Another tab may send it from now on.
        command.attempted ||= !this.#leading
        this.#o.tabs.post({ outbox: 'put', key, stored: value } satisfies Notice)
        this.#drainAll(value.conversationId)
      })
    return { command, stored }
  }

  #adopt(key: string, stored: StoredCommand): void {
    this.#lastOrder = Math.max(this.#lastOrder, stored.order)
    const known = this.get(stored.conversationId, stored.clientMsgId)
    if (!known) {
      this.#insert(new Command(key, stored, true))
      return
    }
    if (known.stored.failure?.code === stored.failure?.code) return
    known.stored = stored
    this.#changed(known, 'changed')
  }

  #insert(command: Command): void {
    const { conversationId, clientMsgId, order } = command.stored
    const lane = this.#lanes.get(conversationId) ?? {
      commands: [],
      attempt: 0,
      width: limits.clientUnderWayPerConversationMax,
      cancelWait: null,
      cancelTimeout: null,
    }
    this.#lanes.set(conversationId, lane)
    const before = lane.commands.findLastIndex((one) => one.stored.order < order || (one.stored.order === order && one.key < command.key))
    lane.commands.splice(before + 1, 0, command)
    this.#byId.set(idOf(conversationId, clientMsgId), command)
    this.#lastOrder = Math.max(this.#lastOrder, order)
    this.#changed(command, 'added')
  }

  #drainAll(first?: ConversationId): void {
    if (!this.#online || !this.#leading) return
    const preferred = first === undefined ? undefined : this.#lanes.get(first)
    if (preferred) this.#drain(preferred)
    for (const lane of this.#lanes.values()) {
      if (this.#inFlight >= limits.clientUnderWayMax) return
      if (lane !== preferred) this.#drain(lane)
    }
  }

  #drain(lane: Lane): void {
    if (lane.cancelWait) return
    let before: Command | null = null
    let underWay = 0
    for (const command of lane.commands) {
      if (command.stored.failure) continue
      if (!command.inFlight) {
        if (!command.safe || underWay >= lane.width || this.#inFlight >= limits.clientUnderWayMax) break
        if (!this.#o.send(command.frame(before?.stored.clientMsgId ?? null))) return
        command.inFlight = true
        command.unanswered++
        command.attempted = true
        this.#inFlight++
        this.#expectAnswer(lane)
        this.#changed(command, 'changed')
      }
      underWay++
      before = command
    }
  }

  #expectAnswer(lane: Lane): void {
    lane.cancelTimeout?.()
    lane.cancelTimeout = lane.commands.some(({ inFlight }) => inFlight)
      ? this.#o.clock.setTimer(answerTimeoutMs, () => {
          lane.cancelTimeout = null
          this.#restart(lane, 0)
        })
      : null
  }

  /** Everything of the lane counts as not sent. */
  #rewind(lane: Lane): void {
    lane.cancelWait?.()
    lane.cancelWait = null
    lane.cancelTimeout?.()
    lane.cancelTimeout = null
    for (const command of lane.commands) this.#landed(command)
  }

  #restart(lane: Lane, delayMs: number): void {
    this.#rewind(lane)
    lane.cancelWait = this.#o.clock.setTimer(delayMs, () => {
      lane.cancelWait = null
      this.#drainAll()
    })
  }

  #landed(command: Command): void {
    if (!command.inFlight) return
    command.inFlight = false
    this.#inFlight--
    if (!command.settled) this.#changed(command, 'changed')
  }

  #fail(command: Command, failure: Failure): void {
    command.stored = { ...command.stored, failure }
    this.#landed(command)
    this.#changed(command, 'changed')
    this.#o.cache.durable([[command.key, command.stored]]).catch(this.#o.report)
    this.#o.tabs.post({ outbox: 'put', key: command.key, stored: command.stored } satisfies Notice)
  }

  #remove(command: Command, acked: Acked | null, change: 'acked' | 'removed'): void {
    this.#drop(command, change)
    // Not urgent: a command that is in the log and is sent again gets its first ack (L3).
    const { key } = command
    if (acked) this.#o.cache.own(key, () => undefined)
    else this.#o.cache.durable([[key, undefined]]).catch(this.#o.report)
    this.#o.tabs.post({ outbox: 'gone', key, acked } satisfies Notice)
  }

  #drop(command: Command, change: 'acked' | 'removed'): void {
    const { conversationId, clientMsgId } = command.stored
    command.settled = true
    this.#landed(command)
    this.#byId.delete(idOf(conversationId, clientMsgId))
    const lane = this.#lanes.get(conversationId)
    if (lane) {
      lane.commands = lane.commands.filter((one) => one !== command)
      this.#expectAnswer(lane)
      if (lane.commands.length === 0) {
        this.#rewind(lane)
        this.#lanes.delete(conversationId)
      }
    }
    this.#changed(command, change)
  }

  #changed(command: Command, change: ClientEventOf<'outbox'>['change']): void {
    this.items.invalidate()
    this.items.notify()
    this.#o.onChange(command.item, change)
  }
}

function idOf(conversationId: ConversationId, clientMsgId: ClientMsgId): string {
  return `${conversationId}/${clientMsgId}`
}
