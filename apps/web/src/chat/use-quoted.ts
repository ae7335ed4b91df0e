import type { Conversation } from '@godwit/client'
import type { UserId } from '@godwit/protocol/ids.ts'
import { useEffect, useState } from 'react'
import { useLive } from '../state/client.tsx'

/** What a quote shows of a message. `gone`: deleted, or before one's joining. */
export type Quoted = { readonly senderId: UserId; readonly text: string } | 'loading' | 'gone'

/** The message at `seq`: from the timeline, else fetched once. */
export function useQuoted(conversation: Conversation, seq: number): Quoted {
  const { items } = useLive(conversation.timeline)
  const [fetched, setFetched] = useState<Quoted>('loading')
  const item = items.find((one) => one.seq === seq)
  const missing = item === undefined
  useEffect(() => {
    if (!missing) return
    let wanted = true
    conversation.history({ around: seq, limit: 1 }).then(
      ({ entries }) => {
        const entry = entries.find((one) => one.seq === seq)
        const shown = entry?.kind === 'message' && !entry.deleted
        if (wanted) setFetched(shown ? { senderId: entry.senderId, text: entry.text } : 'gone')
      },
      () => undefined,
    )
    return () => {
      wanted = false
    }
  }, [conversation, seq, missing])
  if (item === undefined) return fetched
  return item.content.kind === 'message' && !item.deleted ? { senderId: item.senderId, text: item.content.text } : 'gone'
}
