import type { ConversationId } from '@godwit/protocol/ids.ts'
import { useEffect } from 'react'
import { useClient } from '../state/client.tsx'
import type { Overlay } from './shell.tsx'

interface ShortcutOptions {
  readonly selected: ConversationId | null
  readonly onOpen: (id: ConversationId) => void
  readonly onOverlay: (overlay: Overlay) => void
  readonly blocked: boolean
}

/** Keys that work everywhere. shortcuts-dialog.tsx lists them. */
export function useShortcuts({ selected, onOpen, onOverlay, blocked }: ShortcutOptions): void {
  const client = useClient()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (blocked || event.isComposing) return
      const command = event.ctrlKey || event.metaKey
      if (command && !event.altKey && event.key.toLowerCase() === 'k') onOverlay('switcher')
      else if (command && event.key === '/') onOverlay('shortcuts')
      else if (event.altKey && !command && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        const rows = client.conversations
          .get()
          .filter((row) => !row.flags.archived && (!event.shiftKey || row.unread > 0 || row.conversationId === selected))
        const at = rows.findIndex((row) => row.conversationId === selected)
        const next = rows[event.key === 'ArrowDown' ? at + 1 : at === -1 ? rows.length - 1 : at - 1]
        if (next) onOpen(next.conversationId)
      } else return
      event.preventDefault()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [client, selected, onOpen, onOverlay, blocked])
}
