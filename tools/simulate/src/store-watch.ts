/** What a node is answered by its store, looked at on the way: which verdicts and states the code has had to deal with. */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Conversations } from '@godwit/server/ports/conversations.ts'
import type { MessageLog } from '@godwit/server/ports/message-log.ts'
import type { World } from './world.ts'

/** Looks at an answer, by the name of the method. */
export type StoreWatch = (method: string, args: readonly unknown[], answer: unknown) => void

type Call<P, K extends keyof P> = P[K] extends (...args: infer A) => Promise<infer R> ? { args: A; answer: R } : never

/** Of one node. */
export function watchStore({ reached, disk }: World): StoreWatch {
  /** The heads that this node was told last. */
  const heads = new Map<ConversationId, number>()

  function appended({ args, answer }: Call<MessageLog, 'append'>): void {
    if (answer.verdict === 'head-moved') reached.hit('verdict head-moved')
    if (answer.verdict === 'known') reached.hit('verdict known')
    if (answer.verdict === 'appended' && args[2].length > 1) reached.hit('several commands in one append')
  }

  function loaded({ args: [id], answer }: Call<Conversations, 'load'>): void {
    const applied = answer?.applied ?? 0
    if (applied < (disk.logs.get(id)?.head.membershipSeq ?? 0)) reached.hit('projection behind the log was read')
    if (applied > (heads.get(id) ?? Number.POSITIVE_INFINITY)) reached.hit('projection ahead of the head was read')
  }

  return (method, args, answer) => {
    const call = { args, answer }
    if (method === 'append') appended(call as never)
    if (method === 'load') loaded(call as never)
    if (method === 'blank') reached.hit('message deleted and blanked')
    if (method === 'heads')
      for (const [i, head] of (answer as Call<MessageLog, 'heads'>['answer']).entries())
        heads.set((args[0] as readonly ConversationId[])[i] as ConversationId, head?.seq ?? 0)
  }
}
