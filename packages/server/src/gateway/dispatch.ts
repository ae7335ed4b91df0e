/**
 * From a frame to the work it asks for. The switch is exhaustive; what is refused is thrown as `GodwitError`, and only the
 * session turns that into a frame or a close.
 *
 * Commands are started here in the order received and not waited for: `chat` keeps their order (L5), acks go out as they settle.
 */
import type { Sent } from '@godwit/protocol/api.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { AppendFrame, UpFrame } from '@godwit/protocol/up.ts'
import { type About, aboutsOf } from './about.ts'
import type { Services } from './services.ts'
import type { Session } from './session.ts'
import type { Identity } from './session-state.ts'
import { typing } from './typing.ts'
import { activity, watch } from './watch.ts'

/** One part of a frame that is answered by itself. */
export interface Work {
  /** What an error about it names. */
  readonly about: About
  /** Frames for this session; rejects with `GodwitError` for a refusal. */
  readonly answer: Promise<readonly DownFrame[]>
}

const nothing: readonly DownFrame[] = []
/** One for all: a closure for each receipt would be garbage that lives until the receipt is stored. */
const silent = (): readonly DownFrame[] => nothing

export function dispatch(services: Services, session: Session, identity: Identity, frame: UpFrame): readonly Work[] {
  const { sender } = identity
  const one = (answer: Promise<readonly DownFrame[]>): readonly Work[] => [{ about: aboutsOf(frame)[0] ?? {}, answer }]
  switch (frame.type) {
    case 'message':
    case 'edit':
    case 'delete':
    case 'reaction':
      return one(append(services, identity, frame))
    case 'batch':
      return frame.frames.map((command) => ({
        about: { conversationId: command.to, clientMsgId: command.clientMsgId },
        answer: append(services, identity, command),
      }))
    case 'ack':
      return one(services.chat.advance(sender, frame.conversationId, frame.seq, frame.status).then(silent))
    case 'resume':
      return one(session.resume(frame).then(silent))
    case 'auth':
      return one(session.renew(frame.token).then(silent))
    case 'ping':
      return one(services.chat.changes(sender, frame.mark ?? null).then((pong) => [pong]))
    case 'typing':
      return one(typing(services, session.typing, sender, frame).then(silent))
    case 'watch':
      return one(watch(services, session, sender, frame))
    case 'activity':
      return one(activity(services, session, sender, frame.active))
    case 'hello':
      throw new GodwitError('ALREADY_GREETED')
    default:
      return unreachable(frame)
  }
}

function append({ chat }: Services, { sender }: Identity, command: AppendFrame): Promise<readonly DownFrame[]> {
  return chat.send(sender, command).then(acked)
}

function acked(sent: Sent): readonly DownFrame[] {
  return [{ type: 'ack', status: 'sent', ...sent }]
}

function unreachable(value: never): never {
  throw new Error(`not a case: ${JSON.stringify(value)}`)
}
