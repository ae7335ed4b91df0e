/** What is done, how often, and where. */
import type { Random } from './random.ts'

/**
 * message, edit, delete, reaction: commands of the outbox. read: moves the cursor. join: adds somebody. leave, rejoin: goes and is
 * added again. remove, rename, role: administration. direct: opens a conversation that may be new. away: the device goes offline
 * for a while. restart: the application starts anew on its store.
 */
export type Action =
  | 'message'
  | 'edit'
  | 'delete'
  | 'reaction'
  | 'read'
  | 'join'
  | 'leave'
  | 'remove'
  | 'rename'
  | 'role'
  | 'direct'
  | 'away'
  | 'restart'

const actions: readonly (readonly [number, Action])[] = [
  [600, 'message'],
  [60, 'edit'],
  [25, 'delete'],
  [120, 'reaction'],
  [160, 'read'],
  [6, 'join'],
  [4, 'leave'],
  [2, 'remove'],
  [1, 'rename'],
  [1, 'role'],
  [6, 'direct'],
  [10, 'away'],
  [5, 'restart'],
]

export const pickAction = (random: Random): Action => random.weighted(actions)

/**
 * How likely something said goes to a conversation: people talk less in a crowd. With these, an entry reaches about a hundred
 * devices on average when 1,200 people have 2,000.
 */
export function conversationWeight(kind: 'direct' | 'group', memberCount: number): number {
  if (kind === 'direct') return 1
  return memberCount > 600 ? 0.15 : memberCount > 100 ? 0.3 : 0.6
}
