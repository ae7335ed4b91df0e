/**
 * The one place that decides access (L11), for WebSocket, HTTP, sync and fan-out alike. Pure: it is told the state and answers.
 * Deny by default: what no rule allows is refused, and an outsider cannot tell a refusal from a conversation that is not there.
 */
import type { EntryContent, FoldedEntry, Role } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Roster } from './roster.ts'
import { isVisible, visibleRanges } from './visibility.ts'

/** What a decision rests on. */
export interface Scene {
  /** null: the conversation does not exist. */
  readonly roster: Roster | null
  readonly head: number
  /** `direct`: one of the two has blocked the other. */
  readonly blocked: boolean
  /** The folded entry that an amendment names; null when there is none. */
  readonly target: FoldedEntry | null
}

/** Why `userId` may not append `content`; null when they may. */
export function refusal(scene: Scene, userId: UserId, content: EntryContent): GodwitError | null {
  if (content.kind === 'created') return scene.roster ? new GodwitError('FORBIDDEN', 'the conversation exists') : null
  const { roster } = scene
  const role = roster?.roles.get(userId)
  if (!roster || !role) return new GodwitError('FORBIDDEN')
  const isAdmin = role === 'owner' || role === 'admin'
  const sees = (seq: number) => isVisible(visibleRanges(roster.intervalsOf(userId), scene.head), seq)

  switch (content.kind) {
    case 'message':
      if (scene.blocked) return new GodwitError('FORBIDDEN', 'one of you has blocked the other')
      if (roster.state.kind === 'direct' && roster.roles.size < 2) return new GodwitError('FORBIDDEN', 'the other one is gone')
      if (content.replyTo !== undefined && !sees(content.replyTo)) return new GodwitError('FORBIDDEN', 'replyTo')
      return null
    case 'edit':
    case 'delete':
    case 'reaction': {
      const { target } = scene
      if (target?.kind !== 'message' || !sees(target.seq)) return new GodwitError('FORBIDDEN', 'target')
      return amendmentRefusal(scene, target, userId, isAdmin && roster.state.kind === 'group', content)
    }
    default:
      if (roster.state.kind !== 'group') return new GodwitError('FORBIDDEN', 'only a group can be changed')
      return groupRefusal(roster, userId, isAdmin, content)
  }
}

/**
 * Why the erasure of `userId` may not append `content` in their name: it leaves any conversation, a direct one too, and takes back
 * what they wrote, also where they are no longer a member.
 */
export function erasureRefusal({ roster, target }: Scene, userId: UserId, content: EntryContent): GodwitError | null {
  switch (content.kind) {
    case 'removed': {
      const role = content.userId === userId ? roster?.roles.get(userId) : undefined
      if (!roster || !role) return new GodwitError('FORBIDDEN', 'not a member')
      return leavingRefusal(roster, role)
    }
    case 'delete':
      return target?.kind === 'message' && target.senderId === userId ? null : new GodwitError('FORBIDDEN', 'target')
    default:
      return new GodwitError('FORBIDDEN')
  }
}

type Amendment = Extract<EntryContent, { kind: 'edit' | 'delete' | 'reaction' }>

function amendmentRefusal(
  scene: Scene,
  target: Extract<FoldedEntry, { kind: 'message' }>,
  userId: UserId,
  moderates: boolean,
  content: Amendment,
): GodwitError | null {
  const isAuthor = target.senderId === userId
  switch (content.kind) {
    case 'edit':
      if (scene.blocked) return new GodwitError('FORBIDDEN', 'one of you has blocked the other')
      return isAuthor && !target.deleted ? null : new GodwitError('FORBIDDEN', 'target')
    case 'delete':
      return isAuthor || moderates ? null : new GodwitError('FORBIDDEN', 'target')
    case 'reaction':
      if (scene.blocked) return new GodwitError('FORBIDDEN', 'one of you has blocked the other')
      if (target.deleted) return new GodwitError('FORBIDDEN', 'target')
      return content.on ? reactionLimit(target, userId, content.emoji) : null
  }
}

function reactionLimit(target: FoldedEntry, userId: UserId, emoji: string): GodwitError | null {
  const reactions = target.reactions ?? []
  const mine = reactions.filter((reaction) => reaction.emoji !== emoji && reaction.by.some((one) => one.userId === userId))
  if (mine.length >= limits.reactionsPerUserAndMessageMax) return new GodwitError('LIMIT_REACHED', 'reactionsPerUserAndMessageMax')
  const known = reactions.some((reaction) => reaction.emoji === emoji)
  if (!known && reactions.length >= limits.emojiPerMessageMax) return new GodwitError('LIMIT_REACHED', 'emojiPerMessageMax')
  return null
}

type GroupContent = Extract<EntryContent, { kind: 'added' | 'removed' | 'role' | 'renamed' | 'settings' }>

function groupRefusal(roster: Roster, userId: UserId, isAdmin: boolean, content: GroupContent): GodwitError | null {
  const isOwner = roster.roles.get(userId) === 'owner'
  switch (content.kind) {
    case 'added':
      if (!isAdmin) return new GodwitError('FORBIDDEN', 'only owners and admins add members')
      if (content.members.length === 0) return new GodwitError('BAD_REQUEST', 'members: all of them are members already')
      return roster.roles.size + content.members.length > limits.groupMembersMax ? new GodwitError('GROUP_FULL') : null
    case 'removed': {
      const role = roster.roles.get(content.userId)
      if (!role) return new GodwitError('FORBIDDEN', 'not a member')
      if (content.userId === userId) return leavingRefusal(roster, role)
      return isOwner || (isAdmin && role === 'member') ? null : new GodwitError('FORBIDDEN', 'admins remove members, owners remove anyone')
    }
    case 'role': {
      const role = roster.roles.get(content.userId)
      if (!isOwner || !role) return new GodwitError('FORBIDDEN', 'only owners give roles, and only to members')
      return role === 'owner' && content.role !== 'owner' && isLastOwner(roster) ? new GodwitError('LAST_OWNER') : null
    }
    case 'renamed':
    case 'settings':
      return isAdmin ? null : new GodwitError('FORBIDDEN', 'only owners and admins change the group')
  }
}

function leavingRefusal(roster: Roster, role: Role): GodwitError | null {
  return role === 'owner' && isLastOwner(roster) && roster.roles.size > 1 ? new GodwitError('LAST_OWNER') : null
}

function isLastOwner(roster: Roster): boolean {
  return roster.ownerCount() === 1
}
