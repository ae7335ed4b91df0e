/** What people do with their devices, by chance: mostly write, now and then everything else. */

import { memoryAccounts } from '@godwit/backend-memory/accounts.ts'
import { memoryDevices } from '@godwit/backend-memory/devices.ts'
import type { Session } from '@godwit/client'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { createRefreshTokens } from '@godwit/server/accounts/refresh-tokens.ts'
import type { Random } from '../../load/src/world/random.ts'
import { createTalk, type Talk } from '../../load/src/world/talk.ts'
import type { Device } from './device.ts'
import { refreshKey } from './tokens.ts'
import type { World } from './world.ts'

const names = ['amina', 'bjørn', '陳', 'ليلى', 'davi']
const emoji = ['👍', '🐦', '❤️']
const groupNames = ['Wader survey 2026', '潮間帯の会', 'Bird ringing 🐦', 'فريق العدّ']

const actions = [
  [42, 'message'],
  [8, 'burst'],
  [7, 'edit'],
  [5, 'delete'],
  [9, 'reaction'],
  [12, 'read'],
  [4, 'glance'],
  [3, 'direct'],
  [2, 'group'],
  [3, 'add'],
  [3, 'remove'],
  [2, 'leave'],
  [2, 'rename'],
  [2, 'role'],
  [2, 'flags'],
  [1, 'block'],
  [2, 'watch'],
  [1, 'revoke'],
] as const
export type Action = (typeof actions)[number][1]

/** An account and a signed-in device each, straight into the store. */
export async function signUp(world: World, device: number): Promise<Session> {
  const { disk, timeline, plan } = world
  const user = device % plan.users
  const userId: UserId = `u_${user}`
  const name = names[user] ?? `user${user}`
  const at = timeline.now()
  const account = { userId, name, displayName: name, passwordHash: null, subject: null, readReceipts: true, showLastSeen: true }
  await memoryAccounts(disk).create({ ...account, createdAt: at })
  const deviceId: DeviceId = `d_${user}_${Math.floor(device / plan.users)}`
  const refresh = createRefreshTokens(refreshKey).make(deviceId, 0)
  const standing = { createdAt: at, lastSeenAt: null, revokedAt: null, previousHashes: [], rotatedAt: at }
  await memoryDevices(disk).add({ deviceId, userId, name: '', refreshHash: refresh.hash, expiresAt: at + 30 * 86_400_000, ...standing })
  const accessTokenExpiresAt = at + plan.tokenLifetimeMs
  return {
    userId,
    deviceId,
    accessToken: `${userId} ${deviceId} ${accessTokenExpiresAt}`,
    accessTokenExpiresAt,
    refreshToken: refresh.text,
  }
}

export class People {
  readonly #world: World
  readonly #random: Random
  readonly #talk: Talk
  readonly #gone: { readonly conv: ConversationId; readonly user: UserId }[] = []
  readonly #watches = new Map<Device, () => void>()
  readonly #devices: readonly Device[]
  readonly #onRevoked: (device: Device) => void

  /** `onRevoked`: a device was signed out, says the server. */
  constructor(world: World, devices: readonly Device[], onRevoked: (device: Device) => void) {
    this.#world = world
    this.#onRevoked = onRevoked
    this.#devices = devices
    this.#random = world.random('people')
    this.#talk = createTalk(this.#random)
  }

  /** One action of one device; a device that cannot do what chance wanted writes a message, if it can. */
  act(device: Device): void {
    const action = this.#random.weighted(actions)
    this.#world.trace.say(`${device.process.name} does ${action}`)
    if (!this.#do(device, action)) this.#do(device, 'message')
  }

  /** The first conversations: one group of all, one of some, and a few pairs. */
  begin(): void {
    const [first, second] = this.#devices
    if (!first || !second) throw new Error('nobody is there')
    const all = this.#userIds
    this.#createGroup(first, all)
    this.#createGroup(second, this.#random.sample(all, 2))
    for (const device of this.#devices.slice(0, 3)) this.#openDirect(device)
  }

  get #userIds(): UserId[] {
    return Array.from({ length: this.#world.plan.users }, (_, i): UserId => `u_${i}`)
  }

  #do(device: Device, action: Action): boolean {
    switch (action) {
      case 'burst': {
        const conv = this.#conversation(device)
        if (conv) for (let n = this.#random.int(2, 6); n > 0; n--) device.send(conv, { kind: 'message', text: this.#talk.message() })
        return conv !== null
      }
      case 'message':
      case 'edit':
      case 'delete':
      case 'reaction':
        return this.#say(device, action)
      case 'read': {
        const conv = this.#conversation(device)
        if (conv) device.markRead(conv)
        return conv !== null
      }
      case 'glance':
        void this.#glance(device)
        return true
      case 'direct':
        this.#openDirect(device)
        return true
      case 'group':
        this.#createGroup(device, this.#random.sample(this.#userIds, this.#random.int(1, 3)))
        return true
      case 'flags': {
        const conv = this.#conversation(device)
        const muted = this.#random.next() < 0.5
        if (conv)
          device.client
            .conversation(conv)
            .setFlags({ muted })
            .catch(() => {})
        return conv !== null
      }
      case 'block': {
        const other = this.#random.pick(this.#userIds)
        if (other === device.userId) return false
        const done = this.#random.next() < 0.4 ? device.client.block(other) : device.client.unblock(other)
        done.catch(() => {})
        return true
      }
      case 'revoke': {
        const others = this.#devices.filter((one) => one.userId === device.userId && one !== device && !one.isRevoked)
        if (others.length === 0 || this.#random.next() < 0.5) return false
        const other = this.#random.pick(others)
        other.isUnwanted = true
        device.client.revokeDevice(other.id).then(
          () => this.#onRevoked(other),
          () => {},
        )
        return true
      }
      case 'watch': {
        const conv = this.#conversation(device)
        this.#watches.get(device)?.()
        if (conv) this.#watches.set(device, device.client.conversation(conv).watch())
        return conv !== null
      }
      default:
        return this.#manage(device, action)
    }
  }

  #say(device: Device, kind: 'message' | 'edit' | 'delete' | 'reaction'): boolean {
    const conv = this.#conversation(device)
    if (!conv) return false
    const seen = device.held.get(conv)?.recentMessages(12) ?? []
    const mine = device.mine.get(conv) ?? []
    const random = this.#random
    if (kind === 'message') {
      const replyTo = seen.length > 0 && random.next() < 0.1 ? random.pick(seen) : undefined
      const mentions = random.next() < 0.15 ? [random.pick(this.#userIds)] : undefined
      device.send(conv, { kind, text: this.#talk.message(), ...(replyTo ? { replyTo } : {}), ...(mentions ? { mentions } : {}) })
      return true
    }
    const targets = kind === 'reaction' || (kind === 'delete' && random.next() < 0.3) ? seen : mine
    if (targets.length === 0) return false
    const target = random.pick(targets)
    if (kind === 'edit') device.send(conv, { kind, target, text: this.#talk.correction() })
    else if (kind === 'delete') device.send(conv, { kind, target })
    else device.send(conv, { kind, target, emoji: random.pick(emoji), on: random.next() < 0.7 })
    return true
  }

  #manage(device: Device, action: 'add' | 'remove' | 'leave' | 'rename' | 'role'): boolean {
    const random = this.#random
    const groups = device.client.conversations.get().filter((row) => row.kind === 'group' && row.role !== null)
    // Now and then somebody tries what they may not.
    const mine = groups.filter((row) => row.role === 'owner' || row.role === 'admin' || random.next() < 0.1)
    const candidates = action === 'leave' ? groups : mine
    if (candidates.length === 0) return false
    const { conversationId: conv } = random.pick(candidates)
    const conversation = device.client.conversation(conv)
    const someone = random.pick(this.#userIds)
    switch (action) {
      case 'add': {
        const back = this.#gone.findIndex((gone) => gone.conv === conv)
        const [{ user } = { user: someone }] = back >= 0 ? this.#gone.splice(back, 1) : []
        void device.change(conv, 'added', user, () => conversation.addMembers([user]))
        return true
      }
      case 'remove':
        if (someone === device.userId) return false
        this.#gone.push({ conv, user: someone })
        void device.change(conv, 'removed', someone, () => conversation.removeMember(someone))
        return true
      case 'leave':
        this.#gone.push({ conv, user: device.userId })
        void device.change(conv, 'removed', device.userId, () => conversation.leave())
        return true
      case 'rename': {
        const name = `${random.pick(groupNames)} ${random.int(1, 99)}`
        void device.change(conv, 'renamed', name, () => conversation.rename(name))
        return true
      }
      case 'role': {
        const role = random.pick(['owner', 'admin', 'member'] as const)
        void device.change(conv, 'role', someone, () => conversation.setRole(someone, role))
        return true
      }
    }
  }

  /** As on a phone: the application is opened, all that it shows is read before it is connected, and soon it is ended again. */
  async #glance(device: Device): Promise<void> {
    const [awayMs, lookMs] = [this.#random.int(1, 1_000), this.#random.int(1, 1_500)]
    await device.restart(awayMs)
    const { client } = device
    await client.load()
    for (const { conversationId } of client.conversations.get()) device.markRead(conversationId)
    await this.#world.wait(lookMs)
    if (client === device.client && device.isInUse) await device.restart(awayMs)
  }

  #createGroup(device: Device, members: readonly UserId[]): void {
    const group = { name: this.#random.pick(groupNames), members: members.filter((userId) => userId !== device.userId) }
    device.client.createGroup(group).catch(() => {})
  }

  #openDirect(device: Device): void {
    const other = this.#random.pick(this.#userIds)
    if (other !== device.userId) device.client.openDirect(other).catch(() => {})
  }

  #conversation(device: Device): ConversationId | null {
    const rows = device.client.conversations.get()
    const open = rows.filter((row) => row.role !== null || this.#random.next() < 0.1)
    return open.length > 0 ? this.#random.pick(open).conversationId : null
  }
}
