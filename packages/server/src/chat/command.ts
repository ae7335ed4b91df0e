/**
 * A command: what a sender wants appended, before anyone has judged it. Idempotent by (conversation, sender, clientMsgId) (L3).
 */
import { hash } from 'node:crypto'
import type { EntryContent } from '@godwit/protocol/entry.ts'
import type { ClientMsgId, ConversationId, MessageId } from '@godwit/protocol/ids.ts'
import type { AppendFrame } from '@godwit/protocol/up.ts'
import type { Sender } from './chat.ts'
import type { Roster } from './roster.ts'

export interface Command {
  readonly conversationId: ConversationId
  readonly sender: Sender
  readonly clientMsgId: ClientMsgId
  /** The sender's previous unacked command here: appended only behind it (L5). */
  readonly after: ClientMsgId | null
  readonly content: EntryContent
  /** Whose rights it is judged by: those of the sender as a member, or those of the sender's erasure. */
  readonly right: 'member' | 'erasure'
  /** Tells a retry from a reuse of the id. */
  readonly bodyHash: string
  /** What it takes in a log, near enough to bound a batch. */
  readonly bytes: number
}

/** Where a command stands in the log. */
export interface Placed {
  readonly messageId: MessageId
  readonly seq: number
  readonly at: number
  /** It stood there before this command came. */
  readonly duplicate: boolean
}

export function commandOf(sender: Sender, frame: AppendFrame, hashKey: string): Command {
  return command(sender, frame.to, frame.clientMsgId, frame.after ?? null, contentOf(frame), hashKey)
}

export function command(
  sender: Sender,
  conversationId: ConversationId,
  clientMsgId: ClientMsgId,
  after: ClientMsgId | null,
  content: EntryContent,
  hashKey: string,
): Command {
  // Keyed, so that a stored hash tells nobody which text a blanked message had.
  const json = JSON.stringify(content)
  // Half of it, in hex. A slice keeps the whole text alive: no command outlives its answer.
  const bodyHash = hash('sha256', `${hashKey}\n${json}`).slice(0, 32)
  return { conversationId, sender, clientMsgId, after, content, right: 'member', bodyHash, bytes: Buffer.byteLength(json) }
}

/** Keys in one order and absent ones left out, so that equal commands have equal hashes. */
function contentOf(frame: AppendFrame): EntryContent {
  switch (frame.type) {
    case 'message':
      return { kind: 'message', text: frame.text, ...given('mentions', frame.mentions), ...given('replyTo', frame.replyTo) }
    case 'edit':
      return { kind: 'edit', target: frame.target, text: frame.text, ...given('mentions', frame.mentions) }
    case 'delete':
      return { kind: 'delete', target: frame.target }
    case 'reaction':
      return { kind: 'reaction', target: frame.target, emoji: frame.emoji, on: frame.on }
  }
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V })
}

/**
 * What a command comes to on the state it is appended to: those who are members already are not added again.
 */
export function settledContent(content: EntryContent, roster: Roster | null): EntryContent {
  if (content.kind !== 'added' || !roster) return content
  return { kind: 'added', members: content.members.filter((member) => !roster.roles.has(member.userId)) }
}
