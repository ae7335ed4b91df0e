/** One server process: the chat, gateway, account services and sweep that `start-server.ts` puts together, over simulated ports. */

import { limits } from '@godwit/protocol/limits.ts'
import { createAuthenticate } from '@godwit/server/accounts/authenticate.ts'
import type { AccountServices } from '@godwit/server/accounts/create-account-services.ts'
import { createDeviceStanding } from '@godwit/server/accounts/device-standing.ts'
import { createOwnDevices } from '@godwit/server/accounts/own-devices.ts'
import { createPasswords } from '@godwit/server/accounts/passwords.ts'
import { createProfiles } from '@godwit/server/accounts/profiles.ts'
import { createRefreshTokens } from '@godwit/server/accounts/refresh-tokens.ts'
import { createSignIn } from '@godwit/server/accounts/sign-in.ts'
import type { Chat } from '@godwit/server/chat/chat.ts'
import { directId, groupId } from '@godwit/server/chat/conversation-id.ts'
import { createChat } from '@godwit/server/chat/create-chat.ts'
import { Gateway } from '@godwit/server/gateway/gateway.ts'
import { PollSockets } from '@godwit/server/gateway/poll-sockets.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import { Sweep } from '@godwit/server/worker/sweep.ts'
import { type Skew, serverClock } from './clocks.ts'
import type { Cluster } from './cluster.ts'
import { createApi, type HttpAnswer, type HttpRequest } from './http.ts'
import { ClusterBus, ClusterDelivery, RoutedHub } from './node-delivery.ts'
import type { Process } from './process.ts'
import type { Store } from './store.ts'
import { refreshKey, tokensOf } from './tokens.ts'
import type { World } from './world.ts'

export interface Node {
  readonly slot: number
  readonly process: Process
  readonly hub: RoutedHub
  readonly bus: ClusterBus
  /** Its own: what another node asks of it as the owner of a conversation. */
  readonly chat: Chat
  readonly gateway: Gateway
  readonly http: (request: HttpRequest) => Promise<HttpAnswer>
}

export interface NodeOptions {
  readonly slot: number
  readonly process: Process
  readonly skew: Skew
  /** One of a kind among all nodes of a run, but for the one of `local`. */
  readonly worker: number
}

/** Settles when it serves; never, where it dies before. */
export async function startNode(world: World, cluster: Cluster, store: Store, options: NodeOptions): Promise<Node> {
  const { slot, process, skew, worker } = options
  const random = world.random(`node ${process.name}`)
  const notBefore = world.plan.profile === 'local' ? latestTime(world, skew) : 0
  const clock = serverClock(world.timeline, process, skew, random, notBefore)
  if (world.plan.profile === 'local') keepTime(world, clock)
  const stores = store.portsOf(process, clock)
  const bus = new ClusterBus(cluster, process)
  const ports: Ports = { ...stores, bus }
  const onError = (error: unknown) => world.unexpected(process.name, error)
  const hub = new RoutedHub(cluster, slot)
  const delivery = new ClusterDelivery(cluster, hub)
  const chat = await createChat({ ...ports, clock, log: ports.messageLog, delivery, worker, onError })
  const accounts = accountServices(world, ports, clock, random)
  const routed = throughOwner(chat, cluster, () => node)
  const gateway = new Gateway({
    ...ports,
    clock,
    chat: routed,
    hub,
    authenticate: accounts.authenticate,
    signOutPosition: await ports.devices.signOutPosition(),
    epoch: await ports.vault.getOrCreate('epoch', () => 'none'),
    schedule: (run) => void world.timeline.setTimer(0, () => process.run(run)),
    onError,
  })
  const polls = new PollSockets({ clock, gateway, newPollId: () => Math.floor(random.next() * 2 ** 48).toString(36) })
  const http = createApi({
    authenticate: accounts.authenticate,
    services: { ...accounts, chat: routed, presenceOf: (principal, userIds) => gateway.presence.of(principal, userIds) },
    rates: gateway.rates,
    polls,
    onError,
  })
  const node: Node = { slot, process, hub, bus, chat, gateway, http }
  bus.at(node)
  delivery.at(node)
  const sweep = new Sweep({ ...ports, clock, log: ports.messageLog, events: ports.eventStream, onError })
  await sweep.start()
  return node
}

function accountServices(
  world: World,
  ports: Ports,
  clock: ReturnType<typeof serverClock>,
  random: ReturnType<World['random']>,
): AccountServices {
  const { accounts, devices, bus } = ports
  const randomBytes = (size: number) => Buffer.from(Array.from({ length: size }, () => random.int(0, 255)))
  const accessTokens = tokensOf(world, clock)
  const ownDevices = createOwnDevices({ devices, bus, clock })
  return {
    authenticate: createAuthenticate({ own: accessTokens, outside: null, standing: createDeviceStanding({ devices, bus, clock }) }),
    ownDevices,
    profiles: createProfiles({ accounts, bus, clock }),
    signIn: createSignIn({
      accounts,
      devices,
      ownDevices,
      passwords: createPasswords({ randomBytes, atOnce: 1 }),
      accessTokens,
      refreshTokens: createRefreshTokens(refreshKey),
      clock,
      newUserId: () => `u_${randomBytes(16).toString('base64url')}`,
      newDeviceId: () => `d_${randomBytes(16).toString('base64url')}`,
      registrationOpen: false,
      registrationsPerAddressPerHour: 1,
    }),
  }
}

/** What appends goes to the soft owner; the rest is answered where it was asked. */
function throughOwner(chat: Chat, cluster: Cluster, self: () => Node): Chat {
  return {
    ...chat,
    send: (sender, frame) => cluster.atOwner(self(), frame.to, (one) => one.send(sender, frame)),
    openDirect: (sender, otherId) => cluster.atOwner(self(), directId(sender.userId, otherId), (one) => one.openDirect(sender, otherId)),
    createGroup: (sender, group) =>
      cluster.atOwner(self(), groupId(sender.userId, group.clientMsgId), (one) => one.createGroup(sender, group)),
    changeGroup: (sender, id, clientMsgId, change) =>
      cluster.atOwner(self(), id, (one) => one.changeGroup(sender, id, clientMsgId, change)),
  }
}

/** As the backend of `local` finds it when it opens. */
function latestTime({ disk, timeline, keptTime }: World, skew: Skew): number {
  const latest = Math.max(keptTime, ...[...disk.logs.values()].map(({ head }) => head.at))
  return latest === 0 ? Math.floor(timeline.now() + skew.ms) : latest
}

/** As that backend does (`kept-time.ts`), for as long as the process lives. */
function keepTime(world: World, clock: ReturnType<typeof serverClock>): void {
  world.keptTime = clock.now()
  clock.setTimer(limits.keptTimeIntervalMs, () => keepTime(world, clock))
}
