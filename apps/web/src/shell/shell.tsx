import { type ConversationId, isConversationId } from '@godwit/protocol/ids.ts'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useLocation, useRoute } from 'wouter'
import { ChatView } from '../chat/chat-view.tsx'
import type { Places } from '../chat/places.ts'
import { DetailsPane } from '../group/details-pane.tsx'
import { NewChatDialog } from '../group/new-chat-dialog.tsx'
import { NewGroupDialog } from '../group/new-group-dialog.tsx'
import { t } from '../i18n.ts'
import { ListPane } from '../list/list-pane.tsx'
import { SettingsDialog } from '../settings/settings-dialog.tsx'
import { useClient } from '../state/client.tsx'
import { useLocalSetting } from '../state/local-setting.ts'
import { usePhone, useWide } from '../state/use-media.ts'
import { useNotifications } from '../state/use-notifications.ts'
import { useUnreadBadge } from '../state/use-unread-badge.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { ToastProvider } from '../ui/toast.tsx'
import { OfflinePill } from './offline-pill.tsx'
import { QuickSwitcher } from './quick-switcher.tsx'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { useShortcuts } from './use-shortcuts.ts'
import '../styles/shell.css'
import '../styles/list.css'
import '../styles/chat.css'
import '../styles/message.css'
import '../styles/composer.css'
import '../styles/overlays.css'
import '../styles/forced-colors.css'

export type Overlay = 'new-chat' | 'new-group' | 'settings' | 'switcher' | 'shortcuts' | null

/** The signed-in page: list, conversation and details, side by side as far as there is room. */
export function Shell() {
  const client = useClient()
  const [, navigate] = useLocation()
  const [, one] = useRoute<{ id: string }>('/c/:id')
  const [, two] = useRoute<{ id: string; seq: string }>('/c/:id/:seq')
  const named = two?.id ?? one?.id ?? ''
  const selected = isConversationId(named) ? named : null
  const seq = Number(two?.seq)
  const target = Number.isSafeInteger(seq) && seq > 0 ? seq : null
  const [overlay, setOverlay] = useState<Overlay>(null)
  const places = useRef<Places>(new Map())
  const phone = usePhone()
  const wide = useWide()
  const [pinned, setPinned] = useLocalSetting<'open' | 'closed'>('details', 'closed')
  const [drawer, setDrawer] = useState(false)
  const detailsOpen = selected !== null && (wide ? pinned === 'open' : drawer)

  const open = useCallback(
    (id: ConversationId) => {
      setDrawer(false)
      navigate(`/c/${id}`)
    },
    [navigate],
  )
  const back = useCallback(() => navigate('/'), [navigate])
  const toggleDetails = useCallback(() => {
    if (wide) setPinned(pinned === 'open' ? 'closed' : 'open')
    else setDrawer((shown) => !shown)
  }, [wide, pinned, setPinned])
  const close = useCallback(() => setOverlay(null), [])

  useUnreadBadge()
  useNotifications(open)
  useShortcuts({ selected, onOpen: open, onOverlay: setOverlay, blocked: overlay !== null })
  useEffect(() => {
    const tell = () => client.setActive(document.visibilityState === 'visible')
    tell()
    document.addEventListener('visibilitychange', tell)
    return () => document.removeEventListener('visibilitychange', tell)
  }, [client])

  return (
    <ToastProvider>
      <div className="shell" data-view={selected === null ? 'list' : 'chat'} data-details={detailsOpen || undefined}>
        {phone && selected !== null ? null : <ListPane selected={selected} onOpen={open} onOverlay={setOverlay} />}
        {phone && selected === null ? null : (
          <main className="pane-main">
            {selected === null ? (
              <EmptyState
                icon="send"
                title={t('shell.emptyTitle')}
                text={t('shell.emptyText')}
                action={t('list.newChat')}
                onAction={() => setOverlay('new-chat')}
              />
            ) : (
              <ChatView
                key={selected}
                id={selected}
                target={target}
                places={places.current}
                detailsOpen={detailsOpen}
                onDetails={toggleDetails}
                onBack={back}
              />
            )}
          </main>
        )}
        {detailsOpen && selected !== null ? (
          <DetailsPane key={selected} id={selected} onClose={toggleDetails} onLeft={back} onOpen={open} overlaid={!wide} />
        ) : null}
        <OfflinePill />
      </div>
      {overlay === 'new-chat' ? <NewChatDialog onClose={close} onOpen={open} onGroup={() => setOverlay('new-group')} /> : null}
      {overlay === 'new-group' ? <NewGroupDialog onClose={close} onOpen={open} /> : null}
      {overlay === 'settings' ? <SettingsDialog onClose={close} onShortcuts={() => setOverlay('shortcuts')} /> : null}
      {overlay === 'switcher' ? <QuickSwitcher onClose={close} onOpen={open} /> : null}
      {overlay === 'shortcuts' ? <ShortcutsDialog onClose={close} /> : null}
    </ToastProvider>
  )
}
