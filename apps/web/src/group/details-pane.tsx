import type { ConversationRow } from '@godwit/client'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { useEffect, useRef } from 'react'
import { t } from '../i18n.ts'
import { useClient, useConversation, useLive } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { useNow } from '../state/use-now.ts'
import { ago } from '../text/time.ts'
import { Avatar } from '../ui/avatar.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Switch } from '../ui/switch.tsx'
import { useToast } from '../ui/toast.tsx'
import { BlockButton } from './block-button.tsx'
import { GroupDetails } from './group-details.tsx'

interface DetailsPaneProps {
  readonly id: ConversationId
  /** Lies over the conversation instead of beside it. */
  readonly overlaid: boolean
  readonly onClose: () => void
  readonly onLeft: () => void
  readonly onOpen: (id: ConversationId) => void
}

/** About a conversation: who, its settings, and for groups its members. */
export function DetailsPane({ id, overlaid, onClose, onLeft, onOpen }: DetailsPaneProps) {
  const conversation = useConversation(id)
  const row = useLive(conversation.row)
  const pane = useRef<HTMLElement>(null)
  const toast = useToast()
  useEffect(() => {
    if (overlaid) pane.current?.focus()
  }, [overlaid])
  if (row === null) return null
  const setFlag = (flags: Partial<ConversationRow['flags']>) =>
    void conversation.setFlags(flags).catch((error: unknown) => toast(errorText(error)))
  return (
    <>
      {overlaid ? <button type="button" className="details-scrim" aria-label={t('common.close')} tabIndex={-1} onClick={onClose} /> : null}
      <aside
        className="pane-details"
        aria-label={t('details.title')}
        ref={pane}
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && overlaid) onClose()
        }}
      >
        <header className="details-head">
          <IconButton icon="close" label={t('common.close')} onClick={onClose} />
          <h2>{t(row.kind === 'group' ? 'details.group' : 'details.person')}</h2>
        </header>
        <div className="details-body scroll">
          <Identity row={row} />
          <section className="details-section">
            <Switch label={t('details.mute')} checked={row.flags.muted} onChange={(muted) => setFlag({ muted })} />
            <Switch label={t('details.pin')} checked={row.flags.pinned} onChange={(pinned) => setFlag({ pinned })} />
            <Switch label={t('details.archive')} checked={row.flags.archived} onChange={(archived) => setFlag({ archived })} />
          </section>
          {row.kind === 'group' ? <GroupDetails conversation={conversation} row={row} onLeft={onLeft} onOpen={onOpen} /> : null}
          {row.peerId === null ? null : <BlockButton userId={row.peerId} name={row.title} />}
        </div>
      </aside>
    </>
  )
}

function Identity({ row }: { readonly row: ConversationRow }) {
  const client = useClient()
  const profiles = useLive(client.profiles)
  const presence = useLive(client.presence)
  const now = useNow()
  const peer = row.peerId === null ? undefined : presence.get(row.peerId)
  const name = row.peerId === null ? undefined : profiles.get(row.peerId)?.name
  return (
    <div className="identity">
      <Avatar id={row.peerId ?? row.conversationId} name={row.title} size="huge" />
      <p className="identity-name" dir="auto">
        {row.title}
      </p>
      {name ? <p className="identity-note">@{name}</p> : null}
      <p className="identity-note">
        {row.kind === 'group'
          ? t('chat.members', { count: row.memberCount })
          : peer?.online
            ? t('chat.online')
            : peer?.lastSeen
              ? t('chat.lastSeen', { ago: ago(peer.lastSeen, now) })
              : null}
      </p>
    </div>
  )
}
