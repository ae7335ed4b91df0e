import type { ConversationRow } from '@godwit/client'
import { t } from '../i18n.ts'
import { Avatar } from '../ui/avatar.tsx'

/** What stands above the first message. */
export function BeginningOf({ row }: { readonly row: ConversationRow }) {
  return (
    <div className="beginning">
      <Avatar id={row.peerId ?? row.conversationId} name={row.title} size="huge" />
      <p className="beginning-name" dir="auto">
        {row.title}
      </p>
      <p>{row.kind === 'direct' ? t('chat.beginningDirect', { name: row.title }) : t('chat.beginningGroup')}</p>
    </div>
  )
}
