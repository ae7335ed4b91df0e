/** Who was rolling which log: whether a roll that a crash has cut off was ended by somebody else. */
import type { BucketKey } from '@godwit/partitioned-log/tables.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Process } from './process.ts'
import type { Reached } from './sometimes.ts'

export class Rolls {
  readonly #reached: Reached
  readonly #begun = new Map<ConversationId, Set<Process>>()

  constructor(reached: Reached) {
    this.#reached = reached
  }

  /** Copies the ids of a full bucket. */
  begins(process: Process, [conversationId]: readonly unknown[]): void {
    const id = conversationId as ConversationId
    this.#begun.set(id, (this.#begun.get(id) ?? new Set()).add(process))
  }

  /** The next bucket is open. */
  ends(process: Process, [at]: readonly unknown[]): void {
    const { conversationId } = at as BucketKey
    const others = [...(this.#begun.get(conversationId) ?? [])].filter((one) => one !== process && !one.isAlive)
    if (process.isAlive && others.length > 0) this.#reached.hit('roll cut off by a crash, ended by another node')
    this.#begun.delete(conversationId)
  }
}
