/** The trips that a node makes within one append, or one search for ids: which of the rare turns it has taken. */
import type { BucketKey } from '@godwit/partitioned-log/tables.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { AppendVerdict, StoredId } from '@godwit/server/ports/message-log.ts'
import type { StoreWatch } from './store-watch.ts'
import type { World } from './world.ts'

type Trip = 'row' | 'before' | 'append'

/** Of one node. */
export function watchAppends({ reached }: World): StoreWatch {
  /** Answered since the last call of the log for this conversation began. */
  const trips = new Map<ConversationId, Trip[]>()

  function appended(made: readonly Trip[], { verdict }: AppendVerdict): void {
    if (verdict === 'known') foundBehind(made)
    if (verdict !== 'appended') return
    const unsent = made.slice(0, made.indexOf('append'))
    if (unsent.length > 1 && unsent.at(-1) === 'row') reached.hit('minute over before the append was sent')
    if (made.at(-1) === 'row') reached.hit('row of activity after a late verdict')
  }

  function foundBehind(made: readonly Trip[]): void {
    if (made.includes('row')) reached.hit('row of activity before a known id is told')
  }

  return async ({ name, args }, answer) => {
    const isOfLog = name === 'append' || name === 'find'
    if (isOfLog) trips.set(args[0] as ConversationId, [])
    const answered = await answer.catch((error: unknown) => {
      // No trip ends so: it is the log that has waited too long.
      if (name === 'append' && error instanceof GodwitError && error.code === 'UNKNOWN_OUTCOME')
        reached.hit('append given up before it was sent')
      throw error
    })
    if (name === 'activity.put') trips.get(args[2] as ConversationId)?.push('row')
    // Both stand between the first look at the minute and the last.
    if (name === 'ids.find' || name === 'amendments.put') trips.get(args[0] as ConversationId)?.push('before')
    if (name === 'buckets.append') trips.get((args[0] as BucketKey).conversationId)?.push('append')
    const made = isOfLog ? (trips.get(args[0] as ConversationId) ?? []) : []
    if (name === 'append') appended(made, answered as AppendVerdict)
    if (name === 'find' && (answered as readonly (StoredId | null)[]).some(Boolean)) foundBehind(made)
    return answered
  }
}
