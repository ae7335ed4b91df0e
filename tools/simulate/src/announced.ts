/**
 * L1: what consumers of the event stream are told. Each conversation comes in the order of its seqs, without a gap, whatever comes again; and
 * in the end nothing that was appended is left out.
 */
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { Problem, World } from './world.ts'

export class Announced {
  readonly #world: World
  readonly #last = new Map<ConversationId, number>()

  constructor(world: World) {
    this.#world = world
  }

  /** A consumer has what was told before, or it would not be told this. */
  told(entries: readonly Entry[]): void {
    for (const { conversationId, seq } of entries) {
      const last = this.#last.get(conversationId) ?? 0
      if (seq > last + 1) this.#world.problems.push({ rule: 'L1', message: `${conversationId} ${seq} was announced behind ${last}` })
      this.#last.set(conversationId, Math.max(last, seq))
    }
  }

  /** Reads the stream to its end; `stream` is that of a time when nothing lands any more. */
  async problems(stream: EventStream, consumer: string): Promise<readonly Problem[]> {
    try {
      for (;;) {
        const { entries, upTo } = await stream.next(consumer, 100)
        if (entries.length === 0) break
        this.told(entries)
        await stream.confirm(consumer, upTo)
      }
    } catch (error) {
      return [{ rule: 'L1', message: `the event stream cannot be read to its end: ${String(error)}` }]
    }
    const { logs } = this.#world
    return [...logs.conversations].flatMap((id) => {
      const [last, head] = [this.#last.get(id) ?? 0, logs.head(id)?.seq ?? 0]
      return last === head ? [] : [{ rule: 'L1', message: `${id} was announced up to ${last}, and ends at ${head}` }]
    })
  }
}
