/** What each frame from the server is for: one exhaustive switch. */
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { Cursors } from './cursors.ts'
import type { Outbox } from './outbox.ts'
import { receivedError } from './received-error.ts'
import type { Sync } from './sync.ts'
import type { Watching } from './watching.ts'
import type { World } from './world.ts'

export interface FrameParts {
  readonly world: World
  readonly sync: Sync
  readonly outbox: Outbox
  readonly cursors: Cursors
  readonly watching: Watching
  readonly renewToken: () => void
}

export function takeFrame(parts: FrameParts, frame: DownFrame): void {
  const { world, sync, outbox, cursors, watching } = parts
  switch (frame.type) {
    case 'resumed':
    case 'reset':
      if (frame.type === 'resumed') sync.resumed(frame)
      else {
        if (frame.reason === 'epoch') outbox.restored()
        sync.reset(frame)
      }
      // After the resume, so that what it shows to be in the log is not sent again.
      cursors.online()
      outbox.online()
      watching.online()
      return
    case 'ack':
      // An ack of something forgotten (taken back after a refusal, say): the log has it all the same.
      if (outbox.get(frame.conversationId, frame.clientMsgId)) outbox.ack(frame)
      else sync.head(frame.conversationId, frame.seq)
      return
    case 'entry':
      sync.entry(frame.entry)
      return
    case 'conversations':
      sync.conversations(frame)
      return
    case 'pong':
      cursors.heartbeat()
      sync.pong(frame)
      return
    case 'read':
      cursors.confirmed(frame.conversationId, frame.read)
      sync.ownReadMoved(frame)
      return
    case 'receipt':
      sync.peerMoved(frame.conversationId, frame)
      return
    case 'receipts':
      watching.heardReceipts(frame)
      return
    case 'typing':
      watching.heardTyping(frame)
      return
    case 'presence':
      watching.heardPresence(frame)
      return
    case 'error': {
      if (outbox.refused(frame)) return
      const error = receivedError(frame, 'INTERNAL')
      if (error.retry === 'reauth') parts.renewToken()
      // Of what names a conversation and no command only a cursor must not be lost.
      if (frame.conversationId !== undefined && error.retry !== 'never') cursors.refused(frame.conversationId)
      world.report(error)
      return
    }
    case 'welcome':
      return
    default:
      // From a newer server.
      frame satisfies never
  }
}
