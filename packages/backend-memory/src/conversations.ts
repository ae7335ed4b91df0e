import type { UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'
import type { ConversationState, Conversations, Interval, Membership } from '@godwit/server/ports/conversations.ts'
import type { Disk } from './disk.ts'

export interface Flags {
  readonly flags: ConversationFlags
  readonly flagsAt: number
}

const noFlags: Flags = { flags: { muted: false, archived: false, pinned: false }, flagsAt: 0 }

export function memoryConversations(disk: Disk): Conversations {
  const membershipIn = (state: ConversationState, userId: UserId): Membership | null => {
    const intervals = state.intervals.filter((interval) => interval.userId === userId).sort((a, b) => a.from - b.from)
    if (intervals.length === 0) return null
    const { conversationId, kind, name, history, applied, changedAt } = state
    const { flags, flagsAt } = disk.flags.get(conversationId)?.get(userId) ?? noFlags
    const memberCount = currentMembers(state).size
    return {
      conversationId,
      kind,
      name,
      history,
      applied,
      changedAt,
      memberCount,
      intervals,
      peerId: peerOf(state, userId),
      flags,
      flagsAt,
    }
  }

  return {
    load: async (conversationId) => disk.states.get(conversationId) ?? null,
    async project(expected, state) {
      if ((disk.states.get(state.conversationId)?.applied ?? 0) !== expected) return false
      disk.states.set(state.conversationId, structuredClone(state))
      return true
    },
    membershipsOf: async (userId) => [...disk.states.values()].flatMap((state) => membershipIn(state, userId) ?? []),
    async membership(conversationId, userId) {
      const state = disk.states.get(conversationId)
      return state ? membershipIn(state, userId) : null
    },
    quietOf: async (userId) =>
      [...disk.flags].flatMap(([conversationId, ofConversation]) => {
        const flags = ofConversation.get(userId)?.flags
        return flags?.muted || flags?.archived ? [conversationId] : []
      }),
    async setFlags(conversationId, userId, flags, at) {
      const ofConversation = disk.flags.get(conversationId) ?? new Map<UserId, Flags>()
      const before = ofConversation.get(userId)?.flags ?? { muted: false, archived: false, pinned: false }
      ofConversation.set(userId, { flags: { ...before, ...flags }, flagsAt: at })
      disk.flags.set(conversationId, ofConversation)
    },
    async sharing(userId, others) {
      const shared = new Set<UserId>()
      for (const state of disk.states.values()) {
        const members = currentMembers(state)
        if (members.has(userId)) for (const other of others) if (members.has(other)) shared.add(other)
      }
      return others.filter((other) => shared.has(other))
    },
  }
}

function currentMembers(state: ConversationState): ReadonlySet<UserId> {
  return new Set(state.intervals.filter(isOpen).map(({ userId }) => userId))
}

const isOpen = ({ to }: Interval): boolean => to === null

function peerOf(state: ConversationState, userId: UserId): UserId | null {
  if (state.kind !== 'direct') return null
  return state.intervals.find((interval) => interval.userId !== userId)?.userId ?? null
}
