import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AppendVerdict, MessageLog, NewEntry } from '../../ports/message-log.ts'

export interface Hostility {
  /** Of a hundred trips, how many go wrong; 0 is peace. */
  percent: number
  /** Counts of what went wrong, so that a test can show that everything did. */
  readonly faults: Map<Fault, number>
}

const faults = ['slow-request', 'slow-reply', 'refused', 'reply-lost', 'reply-garbled', 'very-late', 'sent-twice'] as const
export type Fault = (typeof faults)[number]

export const peace = (): Hostility => ({ percent: 0, faults: new Map() })

/** A trip to a store, and what may become of it. */
export type Trip = <T>(run: () => Promise<T>) => Promise<T>

/** Trips that are slow, lost, repeated or done long after the caller gave up. */
export function hostileTrips(clock: Pick<Clock, 'setTimer' | 'random'>, hostility: Hostility): Trip {
  const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimer(ms, resolve))

  return async (run) => {
    if (clock.random() * 100 >= hostility.percent) return run()
    const fault = faults[Math.floor(clock.random() * faults.length)] as Fault
    hostility.faults.set(fault, (hostility.faults.get(fault) ?? 0) + 1)
    const ms = clock.random() * 3_000
    switch (fault) {
      case 'slow-request':
        return wait(ms).then(run)
      case 'slow-reply': {
        const answer = await run()
        return wait(ms).then(() => answer)
      }
      case 'refused':
        throw new Error('connection refused')
      case 'reply-garbled':
        await run()
        throw new Error('connection reset')
      case 'reply-lost':
        await run()
        await wait(limits.appendTimeoutMs + ms)
        throw new Error('no answer')
      case 'very-late':
        return wait(limits.appendTimeoutMs + ms).then(run)
      case 'sent-twice':
        await run()
        return run()
    }
  }
}

/** A log at the end of hostile trips. It keeps the contract of the port (L4). */
export function hostileLog(
  inner: MessageLog,
  clock: Clock,
  hostility: Hostility,
  onApplied: (conversationId: ConversationId, entries: readonly NewEntry[]) => void = () => {},
): MessageLog {
  const trip = hostileTrips(clock, hostility)

  async function append(conversationId: ConversationId, expectedHead: number, entries: readonly NewEntry[]): Promise<AppendVerdict> {
    const verdict = await inner.append(conversationId, expectedHead, entries)
    if (verdict.verdict === 'appended') onApplied(conversationId, entries)
    return verdict
  }

  return {
    append: (id, head, entries) => trip(() => append(id, head, entries)),
    heads: (ids) => trip(() => inner.heads(ids)),
    read: (id, range) => trip(() => inner.read(id, range)),
    find: (id, keys) => trip(() => inner.find(id, keys)),
    membershipEntries: (id, after, upTo) => trip(() => inner.membershipEntries(id, after, upTo)),
    unread: (questions) => trip(() => inner.unread(questions)),
    blank: (id, target) => trip(() => inner.blank(id, target)),
  }
}
