import type { Conversation, ConversationRow } from '@godwit/client'
import { t } from '../i18n.ts'
import { useClient, useLive, useNameOf, useProfiles } from '../state/client.tsx'
import { useNow } from '../state/use-now.ts'
import { ago } from '../text/time.ts'
import { Avatar } from '../ui/avatar.tsx'
import { IconButton } from '../ui/icon-button.tsx'

interface ChatHeaderProps {
  readonly conversation: Conversation
  readonly row: ConversationRow
  readonly detailsOpen: boolean
  readonly onDetails: () => void
  readonly onBack: () => void
}

export function ChatHeader({ conversation, row, detailsOpen, onDetails, onBack }: ChatHeaderProps) {
  const presence = useLive(useClient().presence)
  const online = row.peerId !== null && presence.get(row.peerId)?.online === true
  return (
    <header className="chat-head">
      <IconButton icon="back" className="only-phone" label={t('chat.backToList')} onClick={onBack} />
      <button type="button" className="chat-title" aria-expanded={detailsOpen} onClick={onDetails}>
        <Avatar id={row.peerId ?? row.conversationId} name={row.title} online={online} />
        <span className="chat-title-text">
          <span className="chat-name truncate" dir="auto">
            {row.title}
          </span>
          <Status conversation={conversation} row={row} />
        </span>
      </button>
      <IconButton icon="info" label={t('details.title')} aria-expanded={detailsOpen} onClick={onDetails} />
    </header>
  )
}

/** Typing, else presence, else how many people. */
function Status({ conversation, row }: { readonly conversation: Conversation; readonly row: ConversationRow }) {
  const typists = useLive(conversation.typists)
  const presence = useLive(useClient().presence)
  const now = useNow()
  const nameOf = useNameOf()
  useProfiles(typists)
  if (typists.length > 0) {
    const text =
      row.kind === 'direct'
        ? t('chat.typingShort')
        : t('chat.typingIn', {
            count: typists.length,
            names: typists
              .slice(0, 2)
              .map((id) => nameOf(id).split(' ')[0])
              .join(', '),
          })
    return (
      <span className="chat-status chat-typing">
        {text}
        <span className="typing-dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
      </span>
    )
  }
  if (row.kind === 'group') return <span className="chat-status">{t('chat.members', { count: row.memberCount })}</span>
  const peer = row.peerId === null ? undefined : presence.get(row.peerId)
  if (peer?.online) return <span className="chat-status">{t('chat.online')}</span>
  if (peer?.lastSeen) return <span className="chat-status">{t('chat.lastSeen', { ago: ago(peer.lastSeen, now) })}</span>
  return null
}
