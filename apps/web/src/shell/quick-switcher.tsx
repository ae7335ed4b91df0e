import type { ConversationId } from '@godwit/protocol/ids.ts'
import { type KeyboardEvent, useId, useMemo, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient, useLive } from '../state/client.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { matchScore } from './match.ts'

const hitsMax = 8

interface QuickSwitcherProps {
  readonly onClose: () => void
  readonly onOpen: (id: ConversationId) => void
}

/** Ctrl+K: go to a conversation by a few letters of its name; the latest first. */
export function QuickSwitcher({ onClose, onOpen }: QuickSwitcherProps) {
  const rows = useLive(useClient().conversations)
  const [wanted, setWanted] = useState('')
  const [active, setActive] = useState(0)
  const listId = useId()
  const hits = useMemo(() => {
    const scored = rows.flatMap((row) => {
      const score = matchScore(row.title, wanted)
      return score === 0 ? [] : [{ row, score }]
    })
    if (wanted !== '') scored.sort((a, b) => b.score - a.score)
    return scored.slice(0, hitsMax).map(({ row }) => row)
  }, [rows, wanted])
  const shown = Math.min(active, hits.length - 1)

  const choose = (id: ConversationId) => {
    onClose()
    onOpen(id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const hit = hits[shown]
    if (step !== 0 && hits.length > 0) setActive((shown + step + hits.length) % hits.length)
    else if (event.key === 'Enter' && hit) choose(hit.conversationId)
    else return
    event.preventDefault()
  }

  return (
    <Dialog title={t('switcher.title')} onClose={onClose}>
      <input
        className="input"
        type="text"
        role="combobox"
        aria-label={t('switcher.label')}
        aria-expanded="true"
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown >= 0 ? `${listId}-${shown}` : undefined}
        placeholder={t('switcher.label')}
        autoFocus
        dir="auto"
        value={wanted}
        onChange={(event) => {
          setWanted(event.target.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={listId} aria-label={t('list.title')} className="switcher-hits">
        {hits.map((row, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys
          <div
            key={row.conversationId}
            id={`${listId}-${i}`}
            role="option"
            aria-selected={i === shown}
            className="menu-item"
            data-highlighted={i === shown || undefined}
            onClick={() => choose(row.conversationId)}
          >
            <Avatar id={row.peerId ?? row.conversationId} name={row.title} size="small" />
            <span className="truncate" dir="auto">
              {row.title}
            </span>
            {row.unread > 0 ? <span className="badge">{row.unread > 999 ? '999+' : row.unread}</span> : null}
          </div>
        ))}
      </div>
      {hits.length === 0 ? <p className="list-none">{t('list.noMatch', { filter: wanted })}</p> : null}
    </Dialog>
  )
}
