import type { Conversation } from '@godwit/client'
import { useQuoted } from '../chat/use-quoted.ts'
import { t } from '../i18n.ts'
import { useMyId, useNameOf } from '../state/client.tsx'
import { plainText } from '../text/plain.ts'
import { Icon } from '../ui/icon.tsx'
import { IconButton } from '../ui/icon-button.tsx'

interface ComposerBannerProps {
  readonly conversation: Conversation
  readonly seq: number
  readonly editing: boolean
  readonly onCancel: () => void
}

/** What is being answered or edited. */
export function ComposerBanner({ conversation, seq, editing, onCancel }: ComposerBannerProps) {
  const quoted = useQuoted(conversation, seq)
  const me = useMyId()
  const nameOf = useNameOf()
  const known = quoted === 'loading' || quoted === 'gone' ? null : quoted
  const name = known ? (known.senderId === me ? t('chat.you') : nameOf(known.senderId)) : ''
  return (
    <div className="composer-banner">
      <Icon name={editing ? 'edit' : 'reply'} size={18} />
      <div className="composer-banner-text">
        <p className="truncate">{editing ? t('compose.editing') : t('compose.replying', { name })}</p>
        <p className="truncate" dir="auto">
          {known ? plainText(known.text) : t('chat.quoteGone')}
        </p>
      </div>
      <IconButton icon="close" size={18} label={t(editing ? 'compose.cancelEdit' : 'compose.cancelReply')} onClick={onCancel} />
    </div>
  )
}
