import type { ConversationId } from '@godwit/protocol/ids.ts'
import { useState } from 'react'
import { t } from '../i18n.ts'
import type { Overlay } from '../shell/shell.tsx'
import { Icon } from '../ui/icon.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { ConversationList } from './conversation-list.tsx'

interface ListPaneProps {
  readonly selected: ConversationId | null
  readonly onOpen: (id: ConversationId) => void
  readonly onOverlay: (overlay: Overlay) => void
}

export function ListPane({ selected, onOpen, onOverlay }: ListPaneProps) {
  const [filter, setFilter] = useState('')
  return (
    <nav className="pane-list" aria-label={t('list.title')}>
      <header className="list-head">
        <h1>{t('list.title')}</h1>
        <IconButton icon="settings" label={t('settings.title')} onClick={() => onOverlay('settings')} />
        <IconButton icon="group" label={t('group.new')} onClick={() => onOverlay('new-group')} />
        <IconButton icon="compose" className="button-primary" label={t('list.newChat')} onClick={() => onOverlay('new-chat')} />
      </header>
      <search className="list-search">
        <Icon name="search" size={18} />
        <input
          type="search"
          dir="auto"
          aria-label={t('list.filter')}
          placeholder={t('list.filter')}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setFilter('')
          }}
        />
        {filter === '' ? <kbd className="only-fine">Ctrl K</kbd> : null}
      </search>
      <div className="list-scroll scroll">
        <ConversationList selected={selected} filter={filter} onOpen={onOpen} onNewChat={() => onOverlay('new-chat')} />
      </div>
    </nav>
  )
}
