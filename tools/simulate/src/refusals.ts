/**
 * Every acceptance is checked by the append; a refusal is checked by nothing (DESIGN.md section 4). So it is checked here: FORBIDDEN
 * for a message in a group is just only if at some moment since it was sent it was neither stored nor its sender a member.
 */

import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ClientMsgId, ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Content } from '../../load/src/drive/send-content.ts'
import type { Plan } from './plan.ts'
import type { StoredLogs } from './stored-logs.ts'
import type { Problem, World } from './world.ts'

interface Sent {
  readonly user: UserId
  readonly conv: ConversationId
  /** The head of the log at that moment. */
  readonly since: number
}

export class Refusals {
  readonly #logs: StoredLogs
  readonly #sent = new Map<ClientMsgId, Sent>()
  readonly #refused: (Sent & { readonly cmid: ClientMsgId; readonly until: number })[] = []

  constructor({ logs }: World) {
    this.#logs = logs
  }

  sent(user: UserId, conv: ConversationId, cmid: ClientMsgId, content: Content): void {
    // Of the others a refusal may be about their target.
    if (content.kind === 'message' && content.replyTo === undefined) this.#sent.set(cmid, { user, conv, since: this.#headOf(conv) })
  }

  refused(cmid: ClientMsgId): void {
    const sent = this.#sent.get(cmid)
    if (sent) this.#refused.push({ ...sent, cmid, until: this.#headOf(sent.conv) })
  }

  problems(): readonly Problem[] {
    return this.#refused.flatMap(({ user, conv, cmid, since, until }) => {
      const log = this.#logs.entries(conv)
      const [first] = log
      if (first?.kind !== 'created' || first.conversation !== 'group') return []
      const stored = log.findIndex((entry) => entry.senderId === user && entry.clientMsgId === cmid)
      let isMember = false
      for (const [i, entry] of log.entries()) {
        if (entry.kind === 'created' || entry.kind === 'added') isMember ||= entry.members.some((member) => member.userId === user)
        if (entry.kind === 'removed' && entry.userId === user) isMember = false
        if (!isMember && i + 1 >= since && i + 1 <= until && (stored < 0 || i < stored)) return []
      }
      const message = `${cmid} of ${user} in ${conv} was refused, and at every head from ${since} to ${until} it was stored or allowed`
      return [{ rule: 'unjust refusal', message }]
    })
  }

  #headOf(conv: ConversationId): number {
    return this.#logs.head(conv)?.seq ?? 0
  }
}

/**
 * A refusal is final where no other copy of the command can be under way: one node, which takes them in order. Where a copy may
 * still lie in a node that stands still, or in a doubled request, it lands if its sender has come to be allowed meanwhile.
 */
export function failureOf(
  error: unknown,
  overHttp: boolean,
  { profile, faults }: Plan,
): { readonly type: 'fail' | 'info'; readonly code: string } {
  const isAlone = profile === 'local' && !(overHttp && faults.requestDoubled > 0)
  const isRefusal = error instanceof GodwitError && error.retry === 'never' && error.code !== 'DEVICE_REVOKED'
  return { type: isAlone && isRefusal ? 'fail' : 'info', code: error instanceof GodwitError ? error.code : String(error) }
}
