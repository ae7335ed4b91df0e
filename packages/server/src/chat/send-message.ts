/**
 * A message from a sender to the log (R9): known id? -> in order? -> may they? -> append -> ack -> fan out.
 *
 * The questions are asked by the conversation's appender (`appender.ts`, `judge.ts`, `access.ts`), which alone knows the state
 * that the append is checked against. What it answers is durable (L4).
 */
import type { Sent } from '@godwit/protocol/api.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { AppendFrame } from '@godwit/protocol/up.ts'
import type { MessageLog } from '../ports/message-log.ts'
import type { Appenders } from './appenders.ts'
import type { Sender } from './chat.ts'
import { commandOf } from './command.ts'

export interface SendDeps {
  readonly appenders: Appenders
  readonly log: MessageLog
  /** Secret of the deployment, for `bodyHash`. */
  readonly hashKey: string
  readonly onError: (error: unknown, conversationId: ConversationId) => void
}

export async function sendMessage(deps: SendDeps, sender: Sender, frame: AppendFrame): Promise<Sent> {
  const command = commandOf(sender, frame, deps.hashKey)
  const placed = await deps.appenders.submit(command)
  // A deletion is final once it stands in the log. That the text goes too is not waited for, so that the ack stays before later
  // entries, and is repeated by the sweep.
  if (frame.type === 'delete' && !placed.duplicate)
    deps.log.blank(frame.to, frame.target).catch((error: unknown) => deps.onError(error, frame.to))
  return { conversationId: frame.to, clientMsgId: frame.clientMsgId, ...placed }
}
