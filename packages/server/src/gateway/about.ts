/**
 * What an error frame names, so that the client can settle the right command. A frame that cannot be read as a whole still names
 * its commands as far as their ids can be read: else the client would wait for an answer for ever.
 */
import { parseJson } from '@godwit/protocol/codec.ts'
import { type ClientMsgId, type ConversationId, clientMsgIdPattern, isConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'

export interface About {
  readonly conversationId?: ConversationId
  readonly clientMsgId?: ClientMsgId
}

const nothing: readonly About[] = [{}]

/** One for each answer that the frame calls for. */
export function aboutsOf(frame: UpFrame): readonly About[] {
  switch (frame.type) {
    case 'message':
    case 'edit':
    case 'delete':
    case 'reaction':
      return [{ conversationId: frame.to, clientMsgId: frame.clientMsgId }]
    case 'batch':
      return frame.frames.map(({ to, clientMsgId }) => ({ conversationId: to, clientMsgId }))
    case 'ack':
    case 'typing':
      return [{ conversationId: frame.conversationId }]
    default:
      return nothing
  }
}

/** The same for text that is not a valid frame; never throws, never empty. */
export function aboutsOfText(text: string): readonly About[] {
  try {
    const value = parseJson(text)
    const frames = field(value, 'type') === 'batch' ? field(value, 'frames') : [value]
    if (!Array.isArray(frames)) return nothing
    const abouts = frames.slice(0, limits.batchFramesMax).map(aboutOfValue)
    return abouts.length > 0 ? abouts : nothing
  } catch {
    return nothing
  }
}

function aboutOfValue(value: unknown): About {
  const to = field(value, 'to') ?? field(value, 'conversationId')
  const clientMsgId = field(value, 'clientMsgId')
  return {
    ...(typeof to === 'string' && isConversationId(to) && { conversationId: to }),
    ...(typeof clientMsgId === 'string' && clientMsgIdPattern.test(clientMsgId) && { clientMsgId }),
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
