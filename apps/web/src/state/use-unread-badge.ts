import { useEffect } from 'react'
import { useClient, useLive } from './client.tsx'

/** Title, icon and app badge say what the list says: all read the one total of the SDK (L8). */
export function useUnreadBadge(): void {
  const { messages, mentions } = useLive(useClient().unread)
  const total = Math.max(messages, mentions)
  useEffect(() => {
    document.title = total > 0 ? `(${total > 999 ? '999+' : total}) Godwit` : 'Godwit'
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (icon) icon.href = total > 0 ? '/favicon-unread.svg' : '/favicon.svg'
    const badge = total > 0 ? navigator.setAppBadge?.(total) : navigator.clearAppBadge?.()
    badge?.catch(() => undefined)
  }, [total])
}
