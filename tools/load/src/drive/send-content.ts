/** What an application sends, as data. */
import type { Conversation, Sending } from '@godwit/client'
import type { AmendmentContent, MessageContent } from '@godwit/protocol/entry.ts'

export type Content = MessageContent | AmendmentContent

export function sendContent(conversation: Conversation, content: Content): Sending {
  switch (content.kind) {
    case 'message':
      return conversation.send(content)
    case 'edit':
      return conversation.edit(content.target, content.text, content.mentions)
    case 'delete':
      return conversation.delete(content.target)
    case 'reaction':
      return conversation.react(content.target, content.emoji, content.on)
  }
}
