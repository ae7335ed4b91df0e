import type { Conversation } from '@godwit/client'
import { t } from '../i18n.ts'
import { useMyId, useNameOf } from '../state/client.tsx'
import { hue } from '../text/initials.ts'
import { plainText } from '../text/plain.ts'
import { avatarColours } from '../ui/avatar.tsx'
import { useQuoted } from './use-quoted.ts'

interface QuoteProps {
  readonly conversation: Conversation
  readonly seq: number
  readonly onJump: (seq: number) => void
}

/** The message that is answered; a click goes there. */
export function Quote({ conversation, seq, onJump }: QuoteProps) {
  const quoted = useQuoted(conversation, seq)
  const me = useMyId()
  const nameOf = useNameOf()
  if (quoted === 'loading') return <div className="quote quote-loading">{t('common.loading')}</div>
  if (quoted === 'gone') return <div className="quote quote-gone">{t('chat.quoteGone')}</div>
  return (
    <button type="button" className="quote" data-colour={hue(quoted.senderId, avatarColours)} onClick={() => onJump(seq)}>
      <span className="quote-name">
        <bdi>{quoted.senderId === me ? t('chat.you') : nameOf(quoted.senderId)}</bdi>
      </span>
      <span className="quote-text" dir="auto">
        {plainText(quoted.text)}
      </span>
    </button>
  )
}
