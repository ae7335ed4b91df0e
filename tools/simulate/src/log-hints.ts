/** Which bucket each log was last seen to end in: shared by the nodes, as in a store that forgets. */
import { type BucketHints, memoryHints } from '@godwit/partitioned-log/bucket-hints.ts'
import type { World } from './world.ts'

export class LogHints implements BucketHints {
  readonly #random
  #known = memoryHints()
  /** Chance that one is lost. */
  lost = 0

  constructor(world: World) {
    this.#random = world.random('log hints')
  }

  get: BucketHints['get'] = (conversationId) => this.#known.get(conversationId)

  put: BucketHints['put'] = (conversationId, bucket) => {
    if (this.#random.next() >= this.lost) this.#known.put(conversationId, bucket)
  }

  flush(): void {
    this.#known = memoryHints()
  }
}
