/**
 * `godwit tail`: prints every entry once and in order, across reconnects and restarts of the server.
 *
 * One number per conversation, how far it is printed, decides everything: an entry that is next is printed, one beyond is filled
 * up to from the history, one behind is dropped. What is printed never depends on what happened to be pushed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationList, Page } from '@godwit/protocol/api.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { ConversationSummary } from '@godwit/protocol/summary.ts'
import { type Api, type Login, openApiClient } from './api.ts'
import { stayConnected } from './live.ts'
import { printLine } from './output.ts'

export interface TailOptions extends Login {
  readonly sinceStart: boolean
  readonly max: number | undefined
  /** Seconds. */
  readonly timeout: number | undefined
}

export async function tail(options: TailOptions): Promise<void> {
  const timeoutMs = options.timeout === undefined ? Number.POSITIVE_INFINITY : options.timeout * 1000
  const api = openApiClient(options, Date.now() + timeoutMs)
  const done = new AbortController()
  const printer = createPrinter(api, options, () => done.abort())
  const timer = Number.isFinite(timeoutMs)
    ? sleep(timeoutMs, undefined, { signal: done.signal }).then(
        () => done.abort(),
        () => {},
      )
    : null
  try {
    await stayConnected(api, printer.take, done.signal)
  } finally {
    done.abort()
    await timer
    await api.close()
  }
}

function createPrinter(api: Api, { sinceStart, max }: TailOptions, stop: () => void) {
  const printed = new Map<ConversationId, number>()
  /** Unix ms of the newest entry that was printed, or was there before the first connection. */
  const newestAt = new Map<ConversationId, number>()
  /** `newestAt` when the log was restored from a backup: what is older is known, though it comes again. */
  const knownUpTo = new Map<ConversationId, number>()
  let left = max ?? Number.POSITIVE_INFINITY
  let hasResumed = false

  function print(entry: FoldedEntry): void {
    if (left <= 0) return
    const { conversationId, seq, kind, senderId, messageId, at, ...rest } = entry
    const { text = null, ...content } = { text: null, ...rest }
    printed.set(conversationId, seq)
    if (at <= (knownUpTo.get(conversationId) ?? 0)) return
    newestAt.set(conversationId, at)
    printLine({ conversationId, seq, kind, senderId, text, messageId, at, ...content })
    if (--left <= 0) stop()
  }

  /** Prints from the history until `upTo`. Seqs outside of one's membership are not there, so the page says when it ends. */
  async function fill(conversationId: ConversationId, upTo: number): Promise<void> {
    while ((printed.get(conversationId) ?? 0) < upTo && left > 0) {
      const query = `after=${printed.get(conversationId) ?? 0}&limit=${limits.pageEntriesMax}`
      const page = await api.call<Page>('GET', `/v1/conversations/${conversationId}/messages?${query}`)
      for (const entry of page.entries) print(entry)
      if (!page.more.after) return
    }
  }

  async function takeSummaries(summaries: readonly ConversationSummary[]): Promise<void> {
    for (const { conversationId, head, lastActivityAt } of summaries) {
      // What was there before the first connection is old; a conversation that appears later is new from its beginning.
      if (!hasResumed && !sinceStart && !printed.has(conversationId)) {
        printed.set(conversationId, head)
        newestAt.set(conversationId, lastActivityAt)
      }
      await fill(conversationId, head)
    }
  }

  /** A restored log has given some of the seqs anew, and which ones nobody says; but what is new came later than all that was lost. */
  function restart(): void {
    for (const [conversationId, at] of newestAt) knownUpTo.set(conversationId, at)
    for (const conversationId of printed.keys()) printed.set(conversationId, 0)
  }

  async function listAll(): Promise<readonly ConversationSummary[]> {
    const all: ConversationSummary[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: ConversationList = await api.call(
        'GET',
        `/v1/conversations?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      )
      all.push(...page.conversations)
      cursor = page.cursor
    }
    return all
  }

  return {
    /** Takes one frame after another; the caller waits for each. */
    async take(frame: DownFrame): Promise<void> {
      switch (frame.type) {
        case 'resumed':
        case 'reset':
          if (frame.type === 'reset' && frame.reason === 'epoch') restart()
          await takeSummaries(frame.type === 'resumed' ? frame.conversations : await listAll())
          hasResumed = true
          return
        case 'entry': {
          const { conversationId, seq } = frame.entry
          if (seq === (printed.get(conversationId) ?? 0) + 1) print(frame.entry)
          else await fill(conversationId, seq)
          return
        }
        case 'conversations':
          return takeSummaries(frame.conversations)
        case 'pong':
          for (const { conversationId, head } of frame.conversations) await fill(conversationId, head)
          return
      }
    },
  }
}
