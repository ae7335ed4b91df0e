import type { ConversationRow } from '@godwit/client'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { useEffect } from 'react'
import { useClient } from '../state/client.tsx'

/** Presence for the people on the screen: peers of the rows that are shown. */
export function useListPeers(rows: readonly ConversationRow[]): void {
  const client = useClient()
  const peers = rows
    .flatMap((row) => row.peerId ?? [])
    .slice(0, limits.watchUsersMax)
    .sort()
    .join(' ')
  useEffect(() => {
    client.watchUsers(peers === '' ? [] : (peers.split(' ') as UserId[]))
  }, [client, peers])
}
