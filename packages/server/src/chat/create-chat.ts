/** Puts the parts of chat together, behind the `Chat` interface. */

import { randomBytes } from 'node:crypto'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Accounts } from '../ports/accounts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { Delivery } from '../ports/delivery.ts'
import type { Inbox } from '../ports/inbox.ts'
import type { MessageLog } from '../ports/message-log.ts'
import type { Vault } from '../ports/vault.ts'
import { Appenders } from './appenders.ts'
import type { Chat, Principal } from './chat.ts'
import { conversation, list, members, setFlags } from './conversation-list.ts'
import { eraseFrom } from './erase-from.ts'
import { FanOut } from './fan-out.ts'
import { changeGroup, createGroup, openDirect } from './groups.ts'
import { page } from './history.ts'
import { createInTime } from './in-time.ts'
import { isMember } from './memberships.ts'
import { People } from './people.ts'
import { Receipts } from './receipts.ts'
import { changes, resume } from './resume.ts'
import { sendMessage } from './send-message.ts'
import { Snowflake } from './snowflake.ts'
import { steadyClock } from './steady-clock.ts'

export interface ChatDeps {
  readonly clock: Clock
  readonly log: MessageLog
  readonly conversations: Conversations
  readonly inbox: Inbox
  readonly cursors: Cursors
  readonly accounts: Accounts
  readonly bus: Bus
  readonly vault: Vault
  readonly delivery: Delivery
  /** 0 to 1,023, one of a kind among live nodes. */
  readonly worker: number
  /** For what no caller waits for; the next reader or the sweep makes it good. */
  readonly onError: (error: unknown, conversationId: ConversationId) => void
}

const secret = () => randomBytes(16).toString('hex')

export async function createChat(given: ChatDeps): Promise<Chat> {
  const { log, conversations, bus, delivery, onError } = given
  const clock = steadyClock(given.clock)
  const [hashKey, epoch] = await Promise.all([given.vault.getOrCreate('body-hash-key', secret), given.vault.getOrCreate('epoch', secret)])
  const people = new People(given.accounts, bus, clock)
  const fanOut = new FanOut({ clock, delivery, onError })
  const snowflake = new Snowflake(clock, given.worker)
  const inTime = createInTime(clock)
  const appenders = new Appenders({
    clock,
    log,
    conversations,
    inTime,
    stamp: () => ({ messageId: snowflake.next(), now: clock.now() }),
    blocked: async (roster) => {
      const [one, other] = roster.roles.keys()
      return one !== undefined && other !== undefined && (await people.blockedEitherWay(one, other))
    },
    blockedAtHand: (roster) => {
      const [one, other] = roster.roles.keys()
      return one !== undefined && other !== undefined && people.blockedAtHand(one, other)
    },
    onAppended: (entry, recipients, sessionId) => fanOut.push(entry, recipients, sessionId),
    onError,
  })
  const receipts = new Receipts({ ...given, clock, appenders, people })
  const deps = { ...given, clock, inTime, people, appenders, receipts, hashKey, epoch }

  return {
    send: (sender, frame) => sendMessage(deps, sender, frame),
    openDirect: async (sender, otherId) => conversation(deps, sender, await openDirect(deps, sender, otherId)),
    createGroup: async (sender, group) => conversation(deps, sender, await createGroup(deps, sender, group)),
    changeGroup: (sender, conversationId, clientMsgId, change) => changeGroup(deps, sender, conversationId, clientMsgId, change),
    page: (principal, conversationId, query) => page(deps, principal, conversationId, query),
    list: (principal, query) => list(deps, principal, query),
    conversation: (principal, conversationId) => conversation(deps, principal, conversationId),
    members: (principal, conversationId) => members(deps, principal, conversationId),
    setFlags: async (principal, conversationId, flags) => {
      const answer = await setFlags(deps, principal, conversationId, flags)
      delivery.toUser(principal.userId, {
        type: 'conversations',
        conversations: [{ ...answer.conversation, entries: [] }],
        users: answer.users,
      })
      return answer
    },
    resume: (principal, frame) => resume(deps, principal, frame),
    changes: (principal, mark) => changes(deps, principal, mark),
    advance: (principal, conversationId, seq, status) => receipts.advance(principal, conversationId, seq, status),
    cursor: (principal, conversationId) => receipts.own(principal, conversationId),
    receipts: (principal, conversationId, seq) => receipts.who(principal, conversationId, seq),
    receiptsNow: (principal, conversationId) => receipts.now(principal, conversationId),
    currentMembers: (principal, conversationId) => currentMembers(appenders, principal, conversationId),
    visible: (principal, others) => visible(deps, principal, others),
    eraseFrom: (userId, conversationId, after) => eraseFrom(deps, userId, conversationId, after),
    quietConversations: async (principal) => new Set(await conversations.quietOf(principal.userId)),
    currentConversations: async (userId) =>
      (await conversations.membershipsOf(userId)).filter(isMember).map(({ conversationId }) => conversationId),
  }
}

async function currentMembers(appenders: Appenders, { userId }: Principal, conversationId: ConversationId): Promise<ReadonlySet<UserId>> {
  const standing = await appenders.standing(conversationId)
  if (!standing?.roster.roles.has(userId)) throw new GodwitError('FORBIDDEN')
  return standing.roster.memberSet
}

async function visible(
  deps: ChatDeps & { readonly people: People },
  principal: Principal,
  others: readonly UserId[],
): Promise<readonly UserId[]> {
  const sharing = await deps.conversations.sharing(principal.userId, others)
  const blocked = await Promise.all(sharing.map((other) => deps.people.blockedEitherWay(principal.userId, other)))
  return sharing.filter((_, i) => !blocked[i])
}
