/** How a node tells the sessions of the others: the fan-out and the bus of several nodes, which in `local` is a call. */
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { Hub, type HubSession } from '@godwit/server/gateway/hub.ts'
import type { Bus, Hint } from '@godwit/server/ports/bus.ts'
import type { Delivery, Run } from '@godwit/server/ports/delivery.ts'
import type { Cluster } from './cluster.ts'
import type { Node } from './node.ts'
import type { Process } from './process.ts'

/** A hub that says to the cluster whose sessions it holds. */
export class RoutedHub extends Hub {
  readonly #cluster: Cluster
  readonly #slot: number
  readonly #users = new Set<UserId>()

  constructor(cluster: Cluster, slot: number) {
    super()
    this.#cluster = cluster
    this.#slot = slot
  }

  override add(session: HubSession): void {
    super.add(session)
    this.#users.add(session.userId)
    this.#cluster.addRoute(session.userId, this.#slot)
  }

  override remove(session: HubSession): void {
    super.remove(session)
    if (this.sessionsOf(session.userId).length > 0) return
    this.#users.delete(session.userId)
    this.#cluster.removeRoute(session.userId, this.#slot)
  }

  /** After the routes were lost. */
  registerAll(): void {
    for (const userId of this.#users) this.#cluster.addRoute(userId, this.#slot)
  }
}

/** One hint to each node concerned, which fans out to its own sessions. */
export class ClusterDelivery implements Delivery {
  readonly #cluster: Cluster
  readonly #hub: Hub
  #node: Node | null = null

  constructor(cluster: Cluster, hub: Hub) {
    this.#cluster = cluster
    this.#hub = hub
  }

  at(node: Node): void {
    this.#node = node
  }

  /** A hint for each entry, so that each may be lost or late by itself. */
  entries(run: Run, recipients: Iterable<UserId>): void {
    const to = [...recipients]
    this.#hub.entries(run, to)
    for (const one of run) this.#tell(to, `entry ${one.entry.conversationId} ${one.entry.seq}`, (hub) => hub.entries([one], to))
  }

  toUser(userId: UserId, frame: DownFrame): void {
    this.#hub.toUser(userId, frame)
    this.#tell([userId], frame.type, (hub) => hub.toUser(userId, frame))
  }

  toWatchers(conversationId: ConversationId, frame: DownFrame): void {
    this.#hub.toWatchers(conversationId, frame)
    for (const other of this.#cluster.live) this.#hint(other, frame.type, (hub) => hub.toWatchers(conversationId, frame))
  }

  isWatched(conversationId: ConversationId): boolean {
    return this.#cluster.live.some(({ hub }) => hub.isWatched(conversationId))
  }

  #tell(to: readonly UserId[], what: string, deliver: (hub: Hub) => void): void {
    if (this.#node) for (const other of this.#cluster.nodesOf(to, this.#node)) this.#hint(other, what, deliver)
  }

  #hint(other: Node, what: string, deliver: (hub: Hub) => void): void {
    if (this.#node && other !== this.#node) this.#cluster.hint(this.#node, other, what, () => deliver(other.hub))
  }
}

export class ClusterBus implements Bus {
  readonly #cluster: Cluster
  readonly #process: Process
  readonly #listeners: ((hint: Hint) => void)[] = []
  #node: Node | null = null

  constructor(cluster: Cluster, process: Process) {
    this.#cluster = cluster
    this.#process = process
  }

  at(node: Node): void {
    this.#node = node
  }

  publish(hint: Hint): void {
    queueMicrotask(() => this.#process.run(() => this.hear(hint)))
    const from = this.#node
    if (from)
      for (const other of this.#cluster.live) if (other !== from) this.#cluster.hint(from, other, hint.type, () => other.bus.hear(hint))
  }

  subscribe(listener: (hint: Hint) => void): void {
    this.#listeners.push(listener)
  }

  hear(hint: Hint): void {
    for (const listener of this.#listeners) listener(hint)
  }
}
