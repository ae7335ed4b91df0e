import type { Conversation } from '@godwit/client'
import { useEffect, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient } from '../state/client.tsx'
import { plainText } from '../text/plain.ts'

/** Arrivals within this time are read out together. */
const gatherMs = 1_500

/**
 * Reads arrivals out. The history itself is silent: to a screen reader, rows that page in are additions like any other, and would
 * all be read again.
 */
export function LiveLog({ conversation }: { readonly conversation: Conversation }) {
  const client = useClient()
  const [spoken, setSpoken] = useState('')
  useEffect(() => {
    let waiting: string[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const off = client.on('entry', ({ conversationId, entry, live }) => {
      if (!live || conversationId !== conversation.id || entry.kind !== 'message' || entry.senderId === client.userId) return
      const name = client.profiles.get().get(entry.senderId)?.displayName ?? ''
      waiting.push(t('chat.spoken', { name, text: plainText(entry.text) }))
      timer ??= setTimeout(() => {
        timer = undefined
        setSpoken(waiting.length > 3 ? t('chat.spokenMany', { count: waiting.length }) : waiting.join('. '))
        waiting = []
      }, gatherMs)
    })
    return () => {
      off()
      clearTimeout(timer)
    }
  }, [client, conversation])
  return (
    <div className="hidden-text" role="log" aria-live="polite" aria-label={t('chat.arrivals')}>
      {spoken}
    </div>
  )
}
