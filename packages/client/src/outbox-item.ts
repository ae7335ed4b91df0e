/** One unsent command: what the store keeps of it, the frame it becomes, and whether the server could take it at all. */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { AmendmentContent, MessageContent } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ClientMsgId, ConversationId } from '@godwit/protocol/ids.ts'
import type { AppendFrame } from '@godwit/protocol/up.ts'
import type { Acked, DeliveryState, Failure, OutboxItem } from './types.ts'

export type CommandContent = MessageContent | AmendmentContent

/** How the store keeps it. */
export interface StoredCommand {
  /** Rises in the order of sending, over all tabs. */
  readonly order: number
  readonly conversationId: ConversationId
  readonly clientMsgId: ClientMsgId
  readonly content: CommandContent
  readonly createdAt: number
  readonly failure: Failure | null
}

export class Command {
  readonly key: string
  readonly acked: Promise<Acked>
  stored: StoredCommand
  /** Kept where a crash cannot reach it; only then it may leave. */
  safe: boolean
  /** It may have reached a server, now or in an earlier life: then it can no longer be taken back. */
  attempted: boolean
  /** Sent on this connection and not answered yet. */
  inFlight = false
  /** Copies that this connection has still to answer: a lane that starts again sends what is under way once more. */
  unanswered = 0
  settled = false
  resolve: (acked: Acked) => void = () => {}
  reject: (error: GodwitError) => void = () => {}
  #item: OutboxItem | null = null

  constructor(key: string, stored: StoredCommand, known: boolean) {
    this.key = key
    this.stored = stored
    this.safe = known
    this.attempted = known
    this.acked = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Whoever cares awaits it; nobody has to.
    this.acked.catch(() => {})
  }

  get delivery(): Exclude<DeliveryState, 'sent'> {
    return this.stored.failure ? 'failed' : this.inFlight ? 'sending' : 'queued'
  }

  /** The same reference until something changes. */
  get item(): OutboxItem {
    const { conversationId, clientMsgId, content, createdAt, failure } = this.stored
    if (this.#item?.delivery !== this.delivery || this.#item.failure !== failure)
      this.#item = { conversationId, clientMsgId, content, createdAt, delivery: this.delivery, failure }
    return this.#item
  }

  frame(after: ClientMsgId | null): AppendFrame {
    const { conversationId: to, clientMsgId, content } = this.stored
    const head = { to, clientMsgId, ...(after === null ? {} : { after }) }
    switch (content.kind) {
      case 'message': {
        const { text, mentions, replyTo } = content
        return { type: 'message', ...head, text, ...withMentions(mentions), ...(replyTo === undefined ? {} : { replyTo }) }
      }
      case 'edit':
        return { type: 'edit', ...head, target: content.target, text: content.text, ...withMentions(content.mentions) }
      case 'delete':
        return { type: 'delete', ...head, target: content.target }
      case 'reaction':
        return { type: 'reaction', ...head, target: content.target, emoji: content.emoji, on: content.on }
    }
  }
}

function withMentions(mentions: MessageContent['mentions']) {
  return mentions ? { mentions: [...mentions] } : {}
}

const utf8 = new TextEncoder()

/**
 * Throws `TOO_LARGE` or `BAD_REQUEST` for what the server would refuse as malformed: such a refusal cannot name the command, and
 * a frame over the limit would cost the connection.
 */
export function checkContent(content: CommandContent): void {
  if ('text' in content) checkText('text', content.text, limits.textBytesMax)
  if ('emoji' in content) checkText('emoji', content.emoji, limits.emojiBytesMax)
  if ('mentions' in content && (content.mentions?.length ?? 0) > limits.mentionsMax) throw new GodwitError('TOO_LARGE', 'mentions')
  const named = 'target' in content ? content.target : content.kind === 'message' ? content.replyTo : undefined
  if (named !== undefined && !(Number.isSafeInteger(named) && named > 0)) throw new GodwitError('BAD_REQUEST', 'seq')
}

function checkText(field: string, text: string, bytesMax: number): void {
  if (text === '' || !text.isWellFormed()) throw new GodwitError('BAD_REQUEST', field)
  if (utf8.encode(text).length > bytesMax) throw new GodwitError('TOO_LARGE', `${field}: ${bytesMax} bytes`)
}
