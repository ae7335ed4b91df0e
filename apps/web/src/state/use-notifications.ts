import type { ConversationId } from '@godwit/protocol/ids.ts'
import { useEffect } from 'react'
import { t } from '../i18n.ts'
import { plainText } from '../text/plain.ts'
import { useClient } from './client.tsx'
import { readLocal } from './local-setting.ts'
import { hasAttention } from './use-attention.ts'

/** The permission is asked for in the settings, after a click; here it is only used. */
export function useNotifications(onOpen: (id: ConversationId) => void): void {
  const client = useClient()
  useEffect(() => {
    if (!('Notification' in globalThis)) return
    const shown = new Map<ConversationId, Notification>()
    const drop = (id: ConversationId) => {
      shown.get(id)?.close()
      shown.delete(id)
    }
    const offEntry = client.on('entry', ({ conversationId, entry, live }) => {
      if (!live || entry.kind !== 'message' || entry.senderId === client.userId || hasAttention()) return
      if (Notification.permission !== 'granted' || readLocal('notifications', 'on') !== 'on') return
      const row = client.conversation(conversationId).row.get()
      const mentioned = client.userId !== null && entry.mentions?.includes(client.userId)
      if (!row || ((row.flags.muted || row.flags.archived) && !mentioned)) return
      const sender = client.profiles.get().get(entry.senderId)?.displayName ?? row.title
      const text = plainText(entry.text)
      const notification = new Notification(row.title, {
        body: row.kind === 'group' ? t('chat.spoken', { name: sender, text }) : text,
        tag: conversationId,
        icon: '/favicon.svg',
      })
      notification.onclick = () => {
        window.focus()
        onOpen(conversationId)
        notification.close()
      }
      shown.set(conversationId, notification)
    })
    // Read here or on another device: the alert has had its day.
    const offUnread = client.on('unread', ({ conversationId, unread }) => {
      if (unread === 0) drop(conversationId)
    })
    return () => {
      offEntry()
      offUnread()
      for (const id of [...shown.keys()]) drop(id)
    }
  }, [client, onOpen])
}
