/**
 * L1: what consumers of the event stream are told. Each conversation comes in the order of its seqs, without a gap but what the consumer
 * passes over, whatever comes again; and in the end nothing that was appended is left out.
 */
import type { Entry, EntryKind } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { Problem, World } from './world.ts'

/** How far each conversation has come, of one consumer. */
type Progress = Map<ConversationId, number>

export class Announced {
  readonly #world: World
  readonly #consumers = new Map<string, Progress>()

  constructor(world: World) {
    this.#world = world
  }

  /** A consumer has what was told before, or it would not be told this. */
  told(consumer: string, passOver: readonly EntryKind[], entries: readonly Entry[]): void {
    const progress = this.#progressOf(consumer)
    for (const { conversationId, seq } of entries) {
      const last = progress.get(conversationId) ?? 0
      const [missed] = this.#owed(passOver, conversationId, last, seq - 1)
      const message = `${conversationId} ${seq} was announced to ${consumer} behind ${last}, and ${missed?.seq} was not`
      if (missed) this.#world.problems.push({ rule: 'L1', message })
      progress.set(conversationId, Math.max(last, seq))
    }
  }

  /** Reads the stream to its end; `stream` is that of a time when nothing lands any more. */
  async problems(stream: EventStream, consumer: string, passOver: readonly EntryKind[] = []): Promise<readonly Problem[]> {
    try {
      for (;;) {
        const { entries, upTo } = await stream.next(consumer, 100, passOver)
        if (entries.length === 0) break
        this.told(consumer, passOver, entries)
        await stream.confirm(consumer, upTo)
      }
    } catch (error) {
      return [{ rule: 'L1', message: `the event stream cannot be read to its end: ${String(error)}` }]
    }
    const progress = this.#progressOf(consumer)
    return [...this.#world.logs.conversations].flatMap((id) => {
      const last = progress.get(id) ?? 0
      const [missed] = this.#owed(passOver, id, last, Number.POSITIVE_INFINITY)
      return missed ? [{ rule: 'L1', message: `${id} was announced to ${consumer} up to ${last}, and ${missed.seq} was not` }] : []
    })
  }

  #progressOf(consumer: string): Progress {
    const progress = this.#consumers.get(consumer) ?? new Map()
    this.#consumers.set(consumer, progress)
    return progress
  }

  /** What is not passed over of those behind `last`, up to `to`. */
  #owed(passOver: readonly EntryKind[], id: ConversationId, last: number, to: number): readonly Entry[] {
    const between = this.#world.logs.entries(id).slice(last, Math.max(last, to))
    return between.filter(({ kind }) => !passOver.includes(kind))
  }
}
