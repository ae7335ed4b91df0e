import type { Conversation, ConversationRow, GroupReceipts, TimelineItem } from '@godwit/client'
import { memo, type ReactNode, useState } from 'react'
import { t } from '../i18n.ts'
import { useNameOf } from '../state/client.tsx'
import { hue } from '../text/initials.ts'
import { plainText } from '../text/plain.ts'
import { clockTime, dayName, fullTime } from '../text/time.ts'
import { Avatar, avatarColours } from '../ui/avatar.tsx'
import { deliveryOf } from './delivery.ts'
import { FailedNote } from './failed-note.tsx'
import type { MessageActions } from './message-actions.ts'
import { MessageBody } from './message-body.tsx'
import { MessageToolbar } from './message-toolbar.tsx'
import { Reactions } from './reactions.tsx'
import type { Row } from './rows.ts'
import { SystemText } from './system-text.tsx'
import { Tick } from './tick.tsx'
import { useLongPress } from './use-long-press.ts'

interface MessageRowProps {
  readonly row: Row
  readonly conversation: Conversation
  readonly summary: ConversationRow
  readonly receipts: GroupReceipts | null
  readonly skin: 'bubble' | 'flat'
  readonly now: number
  /** 1 for the first row that is loaded. */
  readonly position: number
  readonly focusable: boolean
  readonly flash: boolean
  readonly actions: MessageActions
  readonly onJump: (seq: number) => void
}

/** One row of the history, with the day and the unread divider that stand above it. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { row, now } = props
  const { item } = row
  return (
    <>
      {row.day ? (
        <div className="day">
          <span className="day-chip">{dayName(item.at, now)}</span>
        </div>
      ) : null}
      {row.unread ? (
        <div className="unread-divider">
          <span>{t('chat.unreadDivider')}</span>
        </div>
      ) : null}
      {item.content.kind === 'message' ? <Message {...props} /> : <System {...props} />}
    </>
  )
})

function System({ row: { item }, position, focusable }: MessageRowProps) {
  return (
    <article
      className="system"
      data-key={item.key}
      data-seq={item.seq ?? undefined}
      data-at={item.at}
      tabIndex={focusable ? 0 : -1}
      aria-posinset={position}
      aria-setsize={-1}
    >
      <SystemText item={item} />
    </article>
  )
}

function Message({ row, conversation, summary, receipts, skin, position, focusable, flash, actions, onJump }: MessageRowProps) {
  const { item } = row
  const nameOf = useNameOf()
  const [hover, setHover] = useState(false)
  const [focus, setFocus] = useState(false)
  const [menu, setMenu] = useState(false)
  const press = useLongPress(() => setMenu(true))
  const delivery = deliveryOf(item, summary.peer, receipts)
  const name = item.mine ? t('chat.you') : nameOf(item.senderId)
  const named = skin === 'flat' ? row.first : row.first && !item.mine && summary.kind === 'group'
  const writable = summary.role !== null
  const armed = hover || focus || menu
  return (
    <article
      className="message"
      data-key={item.key}
      data-seq={item.seq ?? undefined}
      data-at={item.at}
      data-mine={item.mine || undefined}
      data-first={row.first || undefined}
      data-last={row.last || undefined}
      data-flash={flash || undefined}
      data-kind={summary.kind}
      tabIndex={focusable ? 0 : -1}
      aria-posinset={position}
      aria-setsize={-1}
      aria-label={[
        name,
        spoken(item),
        clockTime(item.at),
        item.edited ? t('chat.edited') : null,
        delivery ? t(`delivery.${delivery}`) : null,
      ]
        .filter(Boolean)
        .join(', ')}
      onMouseEnter={() => setHover(true)}
      onMouseLeave={() => setHover(false)}
      onFocus={() => setFocus(true)}
      onBlur={(event) => setFocus(event.currentTarget.contains(event.relatedTarget))}
      {...press}
    >
      {skin === 'flat' || (summary.kind === 'group' && !item.mine) ? (
        <div className="message-avatar">
          {row.first ? (
            <Avatar id={item.senderId} name={nameOf(item.senderId)} size="small" />
          ) : skin === 'flat' ? (
            <time className="message-side-time">{clockTime(item.at)}</time>
          ) : null}
        </div>
      ) : null}
      <div className="message-main">
        <div className="bubble">
          {named ? (
            <p className="message-sender" data-colour={hue(item.senderId, avatarColours)}>
              <bdi>{nameOf(item.senderId)}</bdi>
              {skin === 'flat' ? <time title={fullTime(item.at)}>{clockTime(item.at)}</time> : null}
            </p>
          ) : null}
          <MessageBody item={item} conversation={conversation} onJump={onJump} />
          <Meta item={item}>{delivery ? <Tick delivery={delivery} /> : null}</Meta>
        </div>
        {item.reactions.length > 0 && !item.deleted ? <Reactions item={item} disabled={!writable} actions={actions} /> : null}
        {item.delivery === 'failed' ? <FailedNote item={item} actions={actions} /> : null}
        {armed && !item.deleted ? <MessageToolbar item={item} summary={summary} actions={actions} menu={menu} onMenu={setMenu} /> : null}
      </div>
    </article>
  )
}

function Meta({ item, children }: { readonly item: TimelineItem; readonly children: ReactNode }) {
  return (
    <span className="meta">
      {item.edited && !item.deleted ? <span>{t('chat.edited')}</span> : null}
      <time dateTime={new Date(item.at).toISOString()} title={fullTime(item.at)}>
        {clockTime(item.at)}
      </time>
      {children}
    </span>
  )
}

function spoken(item: TimelineItem): string {
  if (item.deleted) return t('chat.deleted')
  return item.content.kind === 'message' ? plainText(item.content.text) : ''
}
