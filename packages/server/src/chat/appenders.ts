/** The appenders of the conversations that are active now. An idle one is only a cache and may go at any time. */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { Appender, type AppenderDeps } from './appender.ts'
import type { Command, Placed } from './command.ts'
import { loadStanding, type Standing } from './standing.ts'

export class Appenders {
  readonly #deps: AppenderDeps
  /** Those let go next stand first. */
  readonly #active = new Map<ConversationId, Appender>()

  constructor(deps: AppenderDeps) {
    this.#deps = deps
  }

  submit(command: Command): Promise<Placed> {
    const { conversationId } = command
    const appender = this.#active.get(conversationId) ?? this.#add(conversationId)
    appender.wasUsed = true
    const placed = appender.submit(command)
    // Behind the submit: the appender of this command is busy now and cannot be the one that goes.
    if (this.#active.size > limits.appendersMax) this.#evict()
    return placed
  }

  /** What the appender of an active conversation has in memory. A hint: another node's append may be missing. */
  inMemory(conversationId: ConversationId): Standing | null {
    return this.#active.get(conversationId)?.standing ?? null
  }

  /** The same, or what the log has. */
  async standing(conversationId: ConversationId): Promise<Standing | null> {
    const { log, conversations } = this.#deps
    return this.inMemory(conversationId) ?? loadStanding(log, conversations, conversationId)
  }

  #add(conversationId: ConversationId): Appender {
    const appender = new Appender(conversationId, this.#deps)
    this.#active.set(conversationId, appender)
    return appender
  }

  /**
   * One that has nothing in flight and was not used since the last look at it: to keep them in the order of use would cost each
   * message more. The busy ones are bounded by the sessions' pending commands.
   */
  #evict(): void {
    let looks = 2 * this.#active.size
    for (const [conversationId, appender] of this.#active) {
      this.#active.delete(conversationId)
      if (appender.isIdle && !appender.wasUsed) return
      appender.wasUsed = false
      this.#active.set(conversationId, appender)
      if (--looks === 0) return
    }
  }
}
