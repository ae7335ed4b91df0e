import type { ConversationRow } from '@godwit/client'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { memo } from 'react'
import { Tick } from '../chat/tick.tsx'
import { t } from '../i18n.ts'
import { useConversation, useLive, useMyId, useNameOf } from '../state/client.tsx'
import { plainText } from '../text/plain.ts'
import { fullTime, listTime } from '../text/time.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icon.tsx'

interface ListRowProps {
  readonly row: ConversationRow
  readonly now: number
  readonly selected: boolean
  readonly online: boolean
  readonly onOpen: (id: ConversationId) => void
}

/** One conversation in the list. */
export const ListRow = memo(function ListRow({ row, now, selected, online, onOpen }: ListRowProps) {
  const preview = row.preview
  const mine = preview?.senderId === useMyId()
  return (
    <li>
      <button
        type="button"
        className="list-row"
        aria-current={selected ? 'page' : undefined}
        data-unread={row.unread === 0 ? undefined : row.flags.muted ? 'quiet' : 'loud'}
        onClick={() => onOpen(row.conversationId)}
      >
        <Avatar id={row.peerId ?? row.conversationId} name={row.title} online={online} />
        <span className="list-main">
          <span className="list-top">
            <span className="list-name truncate" dir="auto">
              {row.title}
            </span>
            {row.flags.muted ? <Mark icon="mute" label={t('list.muted')} /> : null}
            {row.flags.pinned ? <Mark icon="pin" label={t('list.pinned')} /> : null}
            {row.lastActivityAt > 0 ? (
              <time className="list-time" dateTime={new Date(row.lastActivityAt).toISOString()} title={fullTime(row.lastActivityAt)}>
                {listTime(row.lastActivityAt, now)}
              </time>
            ) : null}
          </span>
          <span className="list-bottom">
            {mine && !row.draft && preview ? <Tick delivery={previewDelivery(row)} /> : null}
            <span className="list-preview truncate" dir="auto">
              <PreviewText row={row} mine={mine} />
            </span>
            {row.failed ? <Mark icon="alert" label={t('list.failed')} danger /> : null}
            <Badges row={row} />
          </span>
        </span>
      </button>
    </li>
  )
})

function PreviewText({ row, mine }: { readonly row: ConversationRow; readonly mine: boolean }) {
  const nameOf = useNameOf()
  const typists = useLive(useConversation(row.conversationId).typists)
  if (typists.length > 0) return <span className="list-typing">{t('chat.typingShort')}</span>
  if (row.draft && row.draft.text !== '' && row.draft.editing === undefined) {
    return (
      <>
        <span className="list-draft">{t('list.draft')}</span> {row.draft.text}
      </>
    )
  }
  const preview = row.preview
  if (!preview) return <>{t('list.noMessages')}</>
  const text = plainText(preview.text)
  if (row.kind === 'direct' || mine) return <>{text}</>
  return (
    <>
      <span className="list-sender">{nameOf(preview.senderId).split(' ')[0]}:</span> {text}
    </>
  )
}

function Badges({ row }: { readonly row: ConversationRow }) {
  return (
    <>
      {row.mentions > 0 ? (
        <span className="badge badge-mention">
          <span aria-hidden="true">@</span>
          <span className="hidden-text">{t('list.mentions', { count: row.mentions })}</span>
        </span>
      ) : null}
      {row.unread > 0 ? (
        <span className={row.flags.muted ? 'badge badge-quiet' : 'badge'}>
          <span aria-hidden="true">{row.unread > limits.unreadMax ? `${limits.unreadMax}+` : row.unread}</span>
          <span className="hidden-text">{t('list.unread', { count: row.unread })}</span>
        </span>
      ) : null}
    </>
  )
}

function previewDelivery(row: ConversationRow) {
  const { preview, peer } = row
  if (preview?.delivery !== 'sent' || preview.seq === null) return preview?.delivery ?? 'sent'
  if (!peer) return 'sent'
  return peer.read >= preview.seq ? 'read' : peer.delivered >= preview.seq ? 'delivered' : 'sent'
}

function Mark({
  icon,
  label,
  danger = false,
}: {
  readonly icon: 'mute' | 'pin' | 'alert'
  readonly label: string
  readonly danger?: boolean
}) {
  return (
    <span className="list-mark" data-danger={danger || undefined} title={label}>
      <Icon name={icon} size={16} />
      <span className="hidden-text">{label}</span>
    </span>
  )
}
