import { limits } from '@godwit/protocol/limits.ts'
import { t } from '../i18n.ts'
import { Icon } from '../ui/icon.tsx'

interface JumpPillProps {
  readonly shown: boolean
  readonly unread: number
  readonly onJump: () => void
}

/** Back to the newest message, and how many are new there. */
export function JumpPill({ shown, unread, onJump }: JumpPillProps) {
  if (!shown) return null
  const count = unread > limits.unreadMax ? `${limits.unreadMax}+` : String(unread)
  return (
    <button type="button" className="jump-pill" data-unread={unread > 0 || undefined} onClick={onJump}>
      <Icon name="down" size={18} />
      {unread > 0 ? <span>{t('chat.newBelow', { n: count })}</span> : <span className="hidden-text">{t('chat.toNewest')}</span>}
    </button>
  )
}
