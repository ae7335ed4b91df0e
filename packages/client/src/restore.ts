/** What a device finds in its store when it starts. */
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import { sessionKey } from './auth.ts'
import { keys } from './cache.ts'
import type { StoredConversation } from './conversation-state.ts'
import type { StoredCursors } from './cursors.ts'
import type { Store } from './store.ts'
import type { Checkpoint } from './sync.ts'
import type { Draft, Session } from './types.ts'

export interface Restored {
  readonly checkpoint: Checkpoint | null
  readonly conversations: readonly StoredConversation[]
  readonly reads: StoredCursors
  readonly delivered: StoredCursors
  readonly drafts: readonly (readonly [ConversationId, Draft])[]
  readonly profiles: readonly UserProfile[]
}

export async function restore(store: Store): Promise<Restored> {
  const all = async <T>(prefix: string) =>
    (await store.list(prefix)).map(([key, value]) => [key.slice(prefix.length) as ConversationId, value as T] as const)
  const [checkpoint, conversations, reads, delivered, drafts, profiles] = await Promise.all([
    store.get(keys.sync) as Promise<Checkpoint | undefined>,
    all<StoredConversation>(keys.conversation),
    all<number>(keys.read),
    all<number>(keys.delivered),
    all<Draft>(keys.draft),
    all<UserProfile>(keys.profile),
  ])
  return {
    checkpoint: checkpoint ?? null,
    conversations: conversations.map(([, conversation]) => conversation),
    reads,
    delivered,
    drafts,
    profiles: profiles.map(([, profile]) => profile),
  }
}

/**
 * Who this is, and with which tokens. The store's tokens of the same device are newer than those that were passed: they have been
 * renewed since. A store of another user is emptied.
 */
export async function identify(
  store: Store,
  given: Session | null,
  external: boolean,
): Promise<{ me: UserId | null; session: Session | null }> {
  const [user, stored] = (await Promise.all([store.get(keys.user), store.get(sessionKey)])) as [UserId | undefined, Session | undefined]
  const same = stored?.deviceId === given?.deviceId && stored?.userId === given?.userId
  const session = given && !same ? given : (stored ?? null)
  if (external) return { me: user ?? null, session: null }
  const me = session?.userId ?? null
  if (user !== undefined && user !== me) await wipe(store)
  if (session && (session !== stored || user !== me))
    await store.write(
      [
        [sessionKey, session],
        [keys.user, me],
      ],
      true,
    )
  return { me, session }
}

export async function wipe(store: Store): Promise<void> {
  const pairs = await store.list('')
  await store.write(
    pairs.map(([key]) => [key, undefined]),
    true,
  )
}
