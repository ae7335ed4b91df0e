import { type MemoryBackend, openMemory } from '@godwit/backend-memory/open-memory.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { Authenticate } from '../../accounts/authenticate.ts'
import type { Chat, Principal } from '../../chat/chat.ts'
import { createChat } from '../../chat/create-chat.ts'
import type { Bus } from '../../ports/bus.ts'
import { Gateway } from '../gateway.ts'
import { Hub } from '../hub.ts'
import { FakeClient } from './fake-socket.ts'

/** A gateway over the real chat and ports in memory; the token of a test names user, device and expiry. */
export interface RunningGateway extends MemoryBackend {
  readonly gateway: Gateway
  readonly hub: Hub
  readonly chat: Chat
  readonly unexpected: unknown[]
  /** Lets timers that are due and promises run until nothing moves. */
  settle(): Promise<void>
  /** Lets time go by, with all that happens in it. */
  pass(ms: number): Promise<void>
  person(name: string): Promise<Principal>
  /** Greeted, and resumed unless told otherwise. */
  client(principal: Principal, options?: { readonly resume?: boolean }): Promise<FakeClient>
  direct(one: Principal, other: Principal): Promise<ConversationId>
  group(owner: Principal, name: string, others: readonly Principal[]): Promise<ConversationId>
}

export const tokenOf = ({ userId, deviceId }: Principal, expiresAt = Number.MAX_SAFE_INTEGER) => `${userId} ${deviceId} ${expiresAt}`

export async function runGateway(
  replace: (chat: Chat) => Partial<Chat> = () => ({}),
  around: (authenticate: Authenticate, bus: Bus) => Authenticate = (authenticate) => authenticate,
): Promise<RunningGateway> {
  const backend = openMemory()
  const { clock } = backend
  const unexpected: unknown[] = []
  const onError = (error: unknown) => unexpected.push(error)
  const hub = new Hub()
  const real = await createChat({ ...backend, log: backend.messageLog, delivery: hub, worker: 1, onError })
  const chat: Chat = { ...real, ...replace(real) }
  const epoch = await backend.vault.getOrCreate('epoch', () => 'none')
  /** Whoever has a token has signed in. */
  async function signIn({ userId, deviceId }: Principal) {
    if (await backend.devices.get(deviceId)) return
    const token = { refreshHash: deviceId, previousHashes: [], rotatedAt: clock.now(), expiresAt: Number.MAX_SAFE_INTEGER }
    const since = { createdAt: clock.now(), lastSeenAt: null, revokedAt: null }
    await backend.devices.add({ ...token, ...since, deviceId, userId, name: 'Pixel' })
  }

  const byName: Authenticate = async (token) => {
    const [userId, deviceId, expiresAt] = token.split(' ')
    if (!userId?.startsWith('u_') || !deviceId) throw new GodwitError('UNAUTHENTICATED')
    if (Number(expiresAt) <= clock.now()) throw new GodwitError('TOKEN_EXPIRED')
    const principal = { userId: userId as UserId, deviceId: deviceId as DeviceId }
    await signIn(principal)
    return { principal, expiresAt: Number(expiresAt) }
  }
  const authenticate = around(byName, backend.bus)
  const signOutPosition = await backend.devices.signOutPosition()
  const gateway = new Gateway({ ...backend, chat, hub, authenticate, signOutPosition, epoch, schedule: queueMicrotask, onError })

  async function settle() {
    for (let i = 0; i < 12; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advance(0)
    }
  }

  let devices = 0
  return {
    ...backend,
    gateway,
    hub,
    chat,
    unexpected,
    settle,
    async pass(ms) {
      for (let left = ms; left > 0; left -= 1_000) {
        clock.advance(Math.min(left, 1_000))
        await settle()
      }
    },
    async person(name) {
      const account = {
        userId: `u_${name}` as UserId,
        name,
        displayName: name,
        passwordHash: null,
        subject: null,
        readReceipts: true,
        showLastSeen: true,
        createdAt: clock.now(),
      }
      await backend.accounts.create(account)
      return { userId: account.userId, deviceId: `d_${name}${++devices}` as DeviceId }
    },
    async client(principal, { resume = true } = {}) {
      const client = new FakeClient(gateway)
      client.send({ type: 'hello', token: tokenOf(principal) })
      if (resume) client.send({ type: 'resume', epoch: null, mark: null })
      await settle()
      return client
    },
    async direct(one, other) {
      const { conversation } = await chat.openDirect({ ...one, sessionId: null }, other.userId)
      await settle()
      return conversation.conversationId
    },
    async group(owner, name, others) {
      const members = others.map(({ userId }) => userId)
      const clientMsgId = `create-${name.length}-${members.length}`
      const answer = await chat.createGroup({ ...owner, sessionId: null }, { clientMsgId, name, members, history: 'joined' })
      await settle()
      return answer.conversation.conversationId
    },
  }
}
