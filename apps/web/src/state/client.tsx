import type { Client, Conversation, ConversationRow, Live } from '@godwit/client'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import { createContext, useCallback, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'

const ClientContext = createContext<Client | null>(null)
export const ClientProvider = ClientContext.Provider

/** The signed-in client. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (client === null) throw new Error('useClient outside of ClientProvider')
  return client
}

/** The present value of a `Live`; renders again when it changes. */
export function useLive<T>(live: Live<T>): T {
  return useSyncExternalStore(live.subscribe, live.get)
}

export function useConversation(id: ConversationId): Conversation {
  const client = useClient()
  return useMemo(() => client.conversation(id), [client, id])
}

export function useRow(id: ConversationId): ConversationRow | null {
  return useLive(useConversation(id).row)
}

export function useMyId(): UserId {
  const { userId } = useClient()
  if (userId === null) throw new Error('not signed in')
  return userId
}

/** Profiles by id; those that are missing are fetched. */
export function useProfiles(ids: readonly UserId[]): ReadonlyMap<UserId, UserProfile> {
  const client = useClient()
  const profiles = useLive(client.profiles)
  const missing = ids.filter((id) => !profiles.has(id)).join(' ')
  useEffect(() => {
    if (missing !== '') void client.loadProfiles(missing.split(' ') as UserId[]).catch(() => undefined)
  }, [client, missing])
  return profiles
}

/** Display name of a user, and a stand-in until it is known. */
export function useNameOf(): (id: UserId) => string {
  const profiles = useLive(useClient().profiles)
  return useCallback((id: UserId) => profiles.get(id)?.displayName ?? '…', [profiles])
}
