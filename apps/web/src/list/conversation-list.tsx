import type { ConversationId } from '@godwit/protocol/ids.ts'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient, useLive } from '../state/client.tsx'
import { useNow } from '../state/use-now.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Icon } from '../ui/icon.tsx'
import { ListRow } from './list-row.tsx'
import { useListPeers } from './use-list-peers.ts'

interface ConversationListProps {
  readonly selected: ConversationId | null
  readonly filter: string
  readonly onOpen: (id: ConversationId) => void
  readonly onNewChat: () => void
}

/** The conversations: pinned first, then by last activity; archived ones behind a row of their own. */
export function ConversationList({ selected, filter, onOpen, onNewChat }: ConversationListProps) {
  const client = useClient()
  const rows = useLive(client.conversations)
  const connection = useLive(client.connection)
  const presence = useLive(client.presence)
  const now = useNow()
  const [archive, setArchive] = useState(false)
  const list = useRef<HTMLUListElement>(null)

  const wanted = filter.trim().toLocaleLowerCase()
  const shown = useMemo(
    () =>
      wanted === ''
        ? rows.filter((row) => row.flags.archived === archive)
        : rows.filter((row) => row.title.toLocaleLowerCase().includes(wanted)),
    [rows, archive, wanted],
  )
  const archived = useMemo(() => rows.filter((row) => row.flags.archived), [rows])
  useListPeers(shown)

  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || event.altKey) return
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('.list-row') ?? [])]
    const next = buttons[buttons.indexOf(document.activeElement as HTMLElement) + step]
    if (next === undefined) return
    event.preventDefault()
    next.focus()
  }

  if (rows.length === 0) {
    const syncing = connection.status !== 'online' || connection.syncing
    return syncing ? (
      <ListSkeleton />
    ) : (
      <EmptyState icon="compose" title={t('list.emptyTitle')} text={t('list.emptyText')} action={t('list.newChat')} onAction={onNewChat} />
    )
  }
  return (
    <>
      {wanted === '' && (archive || archived.length > 0) ? (
        <button type="button" className="list-archive" aria-pressed={archive} onClick={() => setArchive(!archive)}>
          <Icon name={archive ? 'back' : 'archive'} size={18} />
          {archive ? t('list.backToChats') : t('list.archived', { count: archived.length })}
        </button>
      ) : null}
      {shown.length === 0 ? (
        <p className="list-none">{wanted === '' ? t('list.noArchived') : t('list.noMatch', { filter: filter.trim() })}</p>
      ) : (
        <ul className="list-rows" ref={list} onKeyDown={move}>
          {shown.map((row) => (
            <ListRow
              key={row.conversationId}
              row={row}
              now={now}
              selected={row.conversationId === selected}
              online={row.peerId !== null && presence.get(row.peerId)?.online === true}
              onOpen={onOpen}
            />
          ))}
        </ul>
      )}
    </>
  )
}

function ListSkeleton() {
  return (
    <div className="list-skeleton" role="status" aria-label={t('common.loading')}>
      {[0, 1, 2, 3, 4, 5].map((i) => (
        <span key={i} />
      ))}
    </div>
  )
}
