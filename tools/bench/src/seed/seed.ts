/**
 * A data folder filled before the server starts, through the ports of the store: accounts, devices, conversations with their
 * projection, and messages. Sign-up over the API would cost a password hash for each user and say nothing about messaging.
 */
import { randomBytes } from 'node:crypto'
import { type LocalBackend, openLocal } from '@godwit/backend-local/open-local.ts'
import { createRandom } from '@godwit/load/world/random.ts'
import type { EntryContent } from '@godwit/protocol/entry.ts'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { createAccessTokens } from '@godwit/server/accounts/access-tokens.ts'
import { directId, groupId } from '@godwit/server/chat/conversation-id.ts'
import { Snowflake } from '@godwit/server/chat/snowflake.ts'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'
import { textOf } from '../load/texts.ts'
import { type RoomPlan, userIdOf, type WorldPlan } from './world.ts'

export interface SeededRoom {
  readonly id: ConversationId
  readonly members: readonly number[]
  readonly head: number
}

export interface Seeded {
  readonly folder: string
  readonly userIds: readonly UserId[]
  readonly rooms: readonly SeededRoom[]
  /** A fresh access token of the user's one device. */
  tokenOf(user: number): Promise<string>
}

/** Writes that wait together, so that the store commits them together. */
const atOnce = 512
/** What is seeded is old, so that it is no news to a device that resumes. */
const ageMs = 60 * 60 * 1_000
/** Conversations fell silent at random moments before that, this long on average: a list of them has an order, as real ones have. */
const silentMs = 20 * 24 * 60 * 60 * 1_000
const betweenMessagesMs = 60 * 1_000
const bodyHash = '00'.repeat(16)
const names = createRandom('bench names')
const silences = createRandom('bench silences')
const firstNames = ['Ana', '李雷', 'Yusuf', 'Chloé', 'Мария', 'نور', 'Søren', '佐藤', 'Ifeoma', 'Łukasz'] as const

/** Fills an empty folder. */
export async function seed(folder: string, plan: WorldPlan, progress: (text: string) => void): Promise<Seeded> {
  const store = await openLocal({
    folder,
    onFatal(error) {
      throw error
    },
  })
  try {
    const at = Date.now() - ageMs
    const userIds = Array.from({ length: plan.users }, (_, user) => userIdOf(user))
    await inChunks(userIds, (userId, user) => addUser(store, userId, user, at))
    progress(`seeded ${plan.users.toLocaleString('en')} users`)
    const ids = new Snowflake({ ...store.clock, now: () => at }, 1)
    let done = 0
    const rooms = await inChunks(plan.rooms, async (room, index) => {
      const seeded = await addRoom(store, room, index, userIds, at, ids)
      if (++done % 10_000 === 0) progress(`seeded ${done.toLocaleString('en')} of ${plan.rooms.length.toLocaleString('en')} conversations`)
      return seeded
    })
    // As a server leaves its folder: the sweep has seen every entry, and the start need not. The local store counts them.
    await store.eventStream.confirm('sweep', String(rooms.reduce((entries, { head }) => entries + head, 0)))
    const secret = await store.vault.getOrCreate('access-token-key', () => randomBytes(32).toString('base64url'))
    const tokens = createAccessTokens({ key: Buffer.from(secret, 'base64url'), clock: { ...store.clock, now: Date.now } })
    return {
      folder,
      userIds,
      rooms,
      tokenOf: async (user) => tokens.issue({ userId: userIds[user] as UserId, deviceId: deviceOf(user) }).token,
    }
  } finally {
    await store.close()
  }
}

const deviceOf = (user: number): DeviceId => `d_bench${user}`

async function addUser({ accounts, devices }: LocalBackend, userId: UserId, user: number, createdAt: number): Promise<void> {
  await accounts.create({
    userId,
    name: `bench${user}`,
    displayName: `${names.pick(firstNames)} ${user}`,
    passwordHash: null,
    subject: null,
    readReceipts: true,
    showLastSeen: true,
    createdAt,
  })
  await devices.add({
    deviceId: deviceOf(user),
    userId,
    name: 'phone',
    createdAt,
    lastSeenAt: null,
    revokedAt: null,
    refreshHash: '',
    previousHashes: [],
    rotatedAt: createdAt,
    expiresAt: Number.MAX_SAFE_INTEGER,
  })
}

async function addRoom(
  store: LocalBackend,
  { kind, members, messages = 0 }: RoomPlan,
  index: number,
  userIds: readonly UserId[],
  at: number,
  ids: Snowflake,
): Promise<SeededRoom> {
  const users = members.map((user) => userIds[user] as UserId)
  const [creator] = users as [UserId]
  const id = kind === 'direct' ? directId(creator, users[1] as UserId) : groupId(creator, `group-${index}`)
  const role = (userId: UserId) => (kind === 'group' && userId === creator ? 'owner' : 'member')
  const name = kind === 'direct' ? null : `Climbing on Tuesdays ${index}`
  const begunAt = Math.round(at - silences.wait(silentMs)) - messages * betweenMessagesMs
  const entry = (nth: number, senderId: UserId, content: EntryContent): NewEntry => {
    const messageId = ids.next()
    // Rises, as the ids of the SDK do (decision 20).
    return { messageId, at: begunAt + nth * betweenMessagesMs, senderId, clientMsgId: messageId, bodyHash, content }
  }
  const created: EntryContent = {
    kind: 'created',
    conversation: kind,
    name,
    members: users.map((userId) => ({ userId, role: role(userId) })),
    history: 'joined',
  }
  await store.messageLog.append(id, 0, [entry(0, creator, created)])
  await store.conversations.project(0, {
    conversationId: id,
    kind,
    name,
    createdBy: creator,
    history: 'joined',
    applied: 1,
    changedAt: begunAt,
    intervals: users.map((userId) => ({ userId, from: 1, joined: 1, to: null, role: role(userId) })),
  })
  for (let head = 1; head <= messages; head += limits.appendEntriesMax) {
    const count = Math.min(limits.appendEntriesMax, messages + 1 - head)
    const batch = Array.from({ length: count }, (_, i) =>
      entry(head + i, users[(head + i) % users.length] as UserId, { kind: 'message', text: textOf(head + i) }),
    )
    await store.messageLog.append(id, head, batch)
  }
  return { id, members, head: 1 + messages }
}

async function inChunks<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += atOnce)
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map((item, i) => work(item, from + i)))))
  return results
}
