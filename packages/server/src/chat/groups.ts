/**
 * Conversations begin and change by entries of their log, ordered with the messages (R4). Creation is an append at head 0, under
 * an id that retries and races share.
 */
import type { Sent } from '@godwit/protocol/api.ts'
import type { EntryContent } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ClientMsgId, ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { MessageLog } from '../ports/message-log.ts'
import type { Appenders } from './appenders.ts'
import type { GroupChange, NewGroup, Sender } from './chat.ts'
import { command } from './command.ts'
import { directId, groupId } from './conversation-id.ts'
import type { InTime } from './in-time.ts'
import type { People } from './people.ts'
import { loadStanding } from './standing.ts'

export interface GroupDeps {
  readonly inTime: InTime
  readonly appenders: Appenders
  readonly log: MessageLog
  readonly conversations: Conversations
  readonly people: People
  readonly hashKey: string
}

/** One a pair: whoever starts it, and when both do. */
export async function openDirect(deps: GroupDeps, sender: Sender, otherId: UserId): Promise<ConversationId> {
  if (otherId === sender.userId) throw new GodwitError('BAD_REQUEST', 'userId: choose somebody else')
  const id = directId(sender.userId, otherId)
  if (await loadStanding(deps.log, deps.conversations, id)) return id
  await mustExist(deps, [otherId])
  if (await deps.people.blockedEitherWay(sender.userId, otherId)) throw new GodwitError('FORBIDDEN', 'one of you has blocked the other')
  const members = [sender.userId, otherId].sort().map((userId) => ({ userId, role: 'member' as const }))
  const content: EntryContent = { kind: 'created', conversation: 'direct', name: null, members, history: 'joined' }
  try {
    await deps.appenders.submit(command(sender, id, 'created', null, content, deps.hashKey))
  } catch (error) {
    // The other one was faster: then the conversation is there, and that is what was asked for.
    if (!(await loadStanding(deps.log, deps.conversations, id))) throw error
  }
  return id
}

export async function createGroup(deps: GroupDeps, sender: Sender, group: NewGroup): Promise<ConversationId> {
  const others = [...new Set(group.members)].filter((userId) => userId !== sender.userId).sort()
  if (others.length + 1 > limits.groupMembersMax) throw new GodwitError('GROUP_FULL')
  const id = groupId(sender.userId, group.clientMsgId)
  if (!(await isStored(deps, sender, id, group.clientMsgId))) await mustAccept(deps, sender.userId, others)
  const members = [{ userId: sender.userId, role: 'owner' as const }, ...others.map((userId) => ({ userId, role: 'member' as const }))]
  const content: EntryContent = { kind: 'created', conversation: 'group', name: group.name, members, history: group.history }
  await deps.appenders.submit(command(sender, id, group.clientMsgId, null, content, deps.hashKey))
  return id
}

export async function changeGroup(
  deps: GroupDeps,
  sender: Sender,
  conversationId: ConversationId,
  clientMsgId: ClientMsgId,
  change: GroupChange,
): Promise<Sent> {
  if (change.change === 'add' && !(await isStored(deps, sender, conversationId, clientMsgId)))
    await mustAccept(deps, sender.userId, change.members)
  const placed = await deps.appenders.submit(command(sender, conversationId, clientMsgId, null, contentOf(change), deps.hashKey))
  return { conversationId, clientMsgId, ...placed }
}

function contentOf(change: GroupChange): EntryContent {
  switch (change.change) {
    case 'add':
      return { kind: 'added', members: [...new Set(change.members)].sort().map((userId) => ({ userId, role: 'member' })) }
    case 'remove':
      return { kind: 'removed', userId: change.userId }
    case 'role':
      return { kind: 'role', userId: change.userId, role: change.role }
    case 'rename':
      return { kind: 'renamed', name: change.name }
    case 'history':
      return { kind: 'settings', history: change.history }
  }
}

/** A retry gets its ack whatever those it concerns have decided since (L3). */
async function isStored(deps: GroupDeps, { userId: senderId }: Sender, conversationId: ConversationId, clientMsgId: ClientMsgId) {
  const [stored] = await deps.inTime(() => deps.log.find(conversationId, [{ senderId, clientMsgId }]))
  return stored !== null
}

async function mustExist(deps: GroupDeps, userIds: readonly UserId[]): Promise<void> {
  const accounts = (await deps.people.accounts(userIds)).filter(({ erasedAt }) => erasedAt === undefined)
  if (accounts.length < userIds.length) throw new GodwitError('FORBIDDEN', 'no such user')
}

/** Nobody is drawn into a group by somebody they have blocked. */
async function mustAccept(deps: GroupDeps, senderId: UserId, userIds: readonly UserId[]): Promise<void> {
  await mustExist(deps, userIds)
  const blocked = await Promise.all(userIds.map((userId) => deps.people.blockedEitherWay(senderId, userId)))
  if (blocked.includes(true)) throw new GodwitError('FORBIDDEN', 'no such user')
}
