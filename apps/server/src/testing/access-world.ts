/**
 * A small world for the access matrix (T7): a group and a pair, with people who stand to them in every way there is, and texts
 * (canaries) that some of them must never see.
 */
import { randomBytes } from 'node:crypto'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { createAccessTokens } from '@godwit/server/accounts/access-tokens.ts'
import { createPasswords } from '@godwit/server/accounts/passwords.ts'
import type { MemoryServer } from './memory-server.ts'

/**
 * How somebody stands to the conversation that an operation is about. `member` joined late, `former` was removed; `blocked` is one
 * of a pair whose other one (the `owner`) has blocked them; `none` has no token.
 */
export const actors = ['none', 'outsider', 'former', 'blocked', 'member', 'admin', 'owner'] as const
export type Actor = (typeof actors)[number]

export interface Person {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly spareDeviceId: DeviceId
  readonly name: string
  readonly token: string
}

/** In the stored columns that nobody may be shown (T8). */
const secretCanary = 'canary-secret'
const passwordHash = await createPasswords({ randomBytes, atOnce: 1 }).hash('Wattwurm & Möwe')

/** What each actor must never hear of. */
type Forbidden = Readonly<Record<Actor, readonly string[]>>

export interface World {
  readonly id: string
  readonly group: ConversationId
  readonly direct: ConversationId
  readonly who: Readonly<Record<Exclude<Actor, 'none'>, Person>>
  /** Member of the group since the removal of `former`. */
  readonly late: Person
  /** Has blocked everyone. */
  readonly hermit: Person
  /** A plain member of the group for each actor to have a try at; and somebody new for each to add. */
  readonly victim: Readonly<Record<Actor, Person>>
  readonly stranger: Readonly<Record<Actor, Person>>
  /** seq of the message before `member` and `former` joined, and of one of the owner's while both were in. */
  readonly early: number
  readonly during: number
  /** seq of each one's own message in their conversation; of somebody else's for an outsider. */
  readonly ownSeq: Readonly<Record<Actor, number>>
  /** The last seq of the group. */
  readonly head: number
  readonly forbidden: Forbidden
  readonly people: readonly Person[]
}

/** The conversation that an actor's requests are about. */
export const conversationOf = (world: World, actor: Actor): ConversationId => (actor === 'blocked' ? world.direct : world.group)

export const tokenOf = (world: World, actor: Actor): string | undefined => (actor === 'none' ? undefined : world.who[actor].token)

/** The first text that `actor` has heard and must not have; null when there is none. */
export function leakIn(world: World, actor: Actor, text: string): string | null {
  return [secretCanary, passwordHash, ...world.forbidden[actor]].find((canary) => text.includes(canary)) ?? null
}

/** Makes people who are signed in, without the work of password hashes. */
async function peopleMaker({ ports: { accounts, devices, vault, clock } }: MemoryServer, world: string) {
  const key = Buffer.from(await vault.getOrCreate('access-token-key', () => ''), 'base64url')
  const tokens = createAccessTokens({ key, clock })
  return async (role: string): Promise<Person> => {
    const name = `${role}-${world}`
    const [userId, deviceId, spareDeviceId]: [UserId, DeviceId, DeviceId] = [`u_${name}`, `d_${name}`, `d_${name}-spare`]
    const now = clock.now()
    const subject = `${secretCanary}|${name}`
    const account = { userId, name, displayName: `${role} 🌊`, passwordHash, subject, readReceipts: true, showLastSeen: true }
    await accounts.create({ ...account, createdAt: now })
    for (const id of [deviceId, spareDeviceId]) {
      const refresh = { refreshHash: secretCanary, previousHashes: [secretCanary], rotatedAt: now, expiresAt: now + 3_600_000 }
      await devices.add({ deviceId: id, userId, name: 'Leuchtturm', createdAt: now, lastSeenAt: null, revokedAt: null, ...refresh })
    }
    const { token } = tokens.issue({ userId, deviceId })
    return { userId, deviceId, spareDeviceId, name, token }
  }
}

let worlds = 0

export async function makeWorld(server: MemoryServer): Promise<World> {
  const id = `w${++worlds}`
  const person = await peopleMaker(server, id)
  const each = async (role: string) =>
    Object.fromEntries(await Promise.all(actors.map(async (actor) => [actor, await person(`${role}-${actor}`)]))) as Record<Actor, Person>
  const [owner, admin, member, former] = [await person('owner'), await person('admin'), await person('member'), await person('former')]
  const [outsider, blocked, late, hermit] = [
    await person('outsider'),
    await person('blocked'),
    await person('late'),
    await person('hermit'),
  ]
  const [victim, stranger] = [await each('victim'), await each('stranger')]
  const canary = (what: string) => `canary-${what}-${id}.`
  let commands = 0
  const nextId = () => `${id}-${++commands}`

  async function ask({ token }: Person, method: string, path: string, body?: object) {
    const { status, json, text } = await server.call(method, path, { token, body })
    if (status !== 200) throw new Error(`${method} ${path}: ${text}`)
    return json
  }
  const say = async (who: Person, to: string, rest: object): Promise<number> =>
    (await ask(who, 'POST', '/v1/messages', { type: 'message', to, clientMsgId: nextId(), ...rest })).seq

  const made = await ask(owner, 'POST', '/v1/groups', { clientMsgId: nextId(), name: canary('first-name'), members: [admin.userId] })
  const group: ConversationId = made.conversation.conversationId
  const members = `/v1/conversations/${group}/members`
  const early = await say(owner, group, { text: canary('early') })
  await ask(owner, 'PATCH', `${members}/${admin.userId}`, { clientMsgId: nextId(), role: 'admin' })
  const joining = [member, former, ...Object.values(victim)].map(({ userId }) => userId)
  await ask(owner, 'POST', members, { clientMsgId: nextId(), members: joining })
  const during = await say(owner, group, { text: canary('during') })
  const groupSeqs = {
    owner: during,
    admin: await say(admin, group, { text: canary('during') }),
    member: await say(member, group, { text: canary('during') }),
    former: await say(former, group, { text: canary('during') }),
  }
  await ask(owner, 'DELETE', `${members}/${former.userId}?clientMsgId=${nextId()}`)
  await ask(owner, 'POST', members, { clientMsgId: nextId(), members: [late.userId] })
  await ask(owner, 'PATCH', `/v1/conversations/${group}`, { clientMsgId: nextId(), name: canary('last-name') })
  await say(owner, group, { text: canary('after') })
  await say(owner, group, { type: 'edit', target: during, text: canary('edited-after') })
  const head = await say(admin, group, { type: 'reaction', target: groupSeqs.former, emoji: '🦀', on: true })

  const pair = await ask(owner, 'POST', '/v1/conversations', { userId: blocked.userId })
  const direct: ConversationId = pair.conversation.conversationId
  const blockedSeq = await say(blocked, direct, { text: canary('direct') })
  await ask(owner, 'PUT', `/v1/blocks/${blocked.userId}`)
  for (const { userId } of [owner, admin, member, former, outsider, blocked]) await ask(hermit, 'PUT', `/v1/blocks/${userId}`)

  const [groupTexts, afterwards] = [
    ['first-name', 'early', 'during', 'after', 'edited-after', 'last-name'].map(canary),
    [...['after', 'edited-after', 'last-name'].map(canary), late.userId, '🦀'],
  ]
  return {
    id,
    group,
    direct,
    who: { owner, admin, member, former, outsider, blocked },
    late,
    hermit,
    victim,
    stranger,
    early,
    during,
    ownSeq: { ...groupSeqs, outsider: during, none: during, blocked: blockedSeq },
    head,
    forbidden: {
      none: [...groupTexts, canary('direct')],
      outsider: [...groupTexts, canary('direct')],
      former: [canary('early'), canary('direct'), ...afterwards],
      blocked: groupTexts,
      member: [canary('early'), canary('direct')],
      admin: [canary('direct')],
      owner: [],
    },
    people: [owner, admin, member, former, outsider, blocked, late, hermit, ...Object.values(victim), ...Object.values(stranger)],
  }
}

/** Everything stored that the people of a world could have changed, as text; sightings apart, which every request may move. */
export async function stored({ ports }: MemoryServer, { people }: World): Promise<string> {
  const { accounts, conversations, cursors, devices, messageLog } = ports
  const memberships = await Promise.all(people.map(({ userId }) => conversations.membershipsOf(userId)))
  const ids = [...new Set(memberships.flat().map(({ conversationId }) => conversationId))].sort()
  const all = { from: 1, to: Number.MAX_SAFE_INTEGER, limit: 1_000, direction: 'up' } as const
  return JSON.stringify(
    [
      memberships,
      await accounts.byIds(people.map(({ userId }) => userId)),
      await Promise.all(people.map(({ userId }) => accounts.blocksOf(userId))),
      (await Promise.all(people.map(({ userId }) => devices.ofUser(userId)))).flat().map((device) => ({ ...device, lastSeenAt: null })),
      await Promise.all(ids.map(async (id) => [await messageLog.read(id, all), await cursors.ofConversation(id)])),
    ],
    null,
    1,
  )
}
