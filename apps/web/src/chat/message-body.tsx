import type { Conversation, TimelineItem } from '@godwit/client'
import { useMemo } from 'react'
import { t } from '../i18n.ts'
import { useMyId, useProfiles } from '../state/client.tsx'
import { isEmojiOnly } from '../text/emoji-only.ts'
import { Icon } from '../ui/icon.tsx'
import { type MentionName, MessageText } from './message-text.tsx'
import { Quote } from './quote.tsx'

interface MessageBodyProps {
  readonly item: TimelineItem
  readonly conversation: Conversation
  readonly onJump: (seq: number) => void
}

const nobody: readonly MentionName[] = []

/** What a message says: the quote it answers, then its text; or that it was deleted. */
export function MessageBody({ item, conversation, onJump }: MessageBodyProps) {
  const me = useMyId()
  const content = item.content.kind === 'message' ? item.content : null
  const mentioned = content?.mentions ?? []
  const profiles = useProfiles(mentioned)
  const mentions = useMemo(() => {
    if (mentioned.length === 0) return nobody
    return mentioned.flatMap((id) => {
      const profile = profiles.get(id)
      return profile ? [{ name: profile.name, shown: profile.displayName, me: id === me }] : []
    })
  }, [mentioned, profiles, me])
  if (item.deleted) {
    return (
      <p className="tombstone">
        <Icon name="trash" size={16} />
        {t(item.mine && item.deleted.by === me ? 'chat.deletedByYou' : 'chat.deleted')}
      </p>
    )
  }
  if (!content) return null
  return (
    <>
      {content.replyTo === undefined ? null : <Quote conversation={conversation} seq={content.replyTo} onJump={onJump} />}
      {content.text === '' && content.body ? (
        <p className="tombstone">{t('chat.unreadable')}</p>
      ) : (
        <div className="text" data-jumbo={isEmojiOnly(content.text) || undefined}>
          <MessageText text={content.text} mentions={mentions} />
        </div>
      )}
    </>
  )
}
