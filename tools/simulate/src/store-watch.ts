/** What a node is answered by its store, looked at on the way: which verdicts and states the code has had to deal with. */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import type { World } from './world.ts'

type Stores = Omit<Ports, 'bus'>

export function watchStore({ reached, disk }: World, stores: Stores): Stores {
  const { messageLog, conversations } = stores
  /** The heads that this node was told last. */
  const heads = new Map<ConversationId, number>()
  return {
    ...stores,
    messageLog: {
      ...methodsOf(messageLog, ['read', 'find', 'membershipEntries', 'unread']),
      async append(id, expectedHead, entries) {
        const answer = await messageLog.append(id, expectedHead, entries)
        if (answer.verdict === 'head-moved') reached.hit('verdict head-moved')
        if (answer.verdict === 'known') reached.hit('verdict known')
        if (answer.verdict === 'appended' && entries.length > 1) reached.hit('several commands in one append')
        return answer
      },
      async heads(ids) {
        const answer = await messageLog.heads(ids)
        for (const [i, head] of answer.entries()) heads.set(ids[i] as ConversationId, head?.seq ?? 0)
        return answer
      },
      async blank(id, target) {
        await messageLog.blank(id, target)
        reached.hit('message deleted and blanked')
      },
    },
    conversations: {
      ...methodsOf(conversations, ['project', 'membershipsOf', 'membership', 'setFlags', 'sharing']),
      async load(id) {
        const state = await conversations.load(id)
        const applied = state?.applied ?? 0
        if (applied < (disk.logs.get(id)?.head.membershipSeq ?? 0)) reached.hit('projection behind the log was read')
        if (applied > (heads.get(id) ?? Number.POSITIVE_INFINITY)) reached.hit('projection ahead of the head was read')
        return state
      },
    },
  }
}

/** These methods of a port as they are. */
function methodsOf<P extends object, K extends keyof P>(port: P, names: readonly K[]): Pick<P, K> {
  return Object.fromEntries(names.map((name) => [name, port[name]])) as unknown as Pick<P, K>
}
