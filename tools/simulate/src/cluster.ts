/**
 * What lies between nodes, where the product has only ports or nothing yet: hints (`Bus`, and the fan-out to sessions of other
 * nodes), routes (which node holds sessions of whom), and requests to the soft owner of a conversation. All of it is lossy: losing
 * it may cost time and nothing else (L1).
 */
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Chat } from '@godwit/server/chat/chat.ts'
import type { Random } from '../../load/src/world/random.ts'
import type { Node } from './node.ts'
import { noFaults } from './plan.ts'
import type { World } from './world.ts'

/** How long a gateway waits for the owner before it appends by itself (DESIGN.md section 4). */
const ownerPatienceMs = 250

export class Cluster {
  /** Those that serve now, by slot. */
  readonly nodes: (Node | null)[] = []
  /** Slots that hear nothing from the others. */
  readonly cutOff = new Set<number>()
  faults = noFaults
  readonly #world: World
  readonly #random: Random
  /** User to slots. */
  readonly #routes = new Map<UserId, Set<number>>()
  /** Requests between two slots keep their order: when the last one arrives. */
  readonly #free = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
    this.#random = world.random('cluster')
  }

  get live(): readonly Node[] {
    return this.nodes.filter((node) => node !== null)
  }

  addRoute(userId: UserId, slot: number): void {
    const slots = this.#routes.get(userId) ?? new Set()
    this.#routes.set(userId, slots.add(slot))
  }

  removeRoute(userId: UserId, slot: number): void {
    this.#routes.get(userId)?.delete(slot)
  }

  /** As after a flush of Redis: nobody knows where anybody is until the nodes say so again, each after a while. */
  flushRoutes(): void {
    this.#world.reached.hit('routes flushed')
    this.#routes.clear()
    for (const node of this.live)
      this.#world.timeline.setTimer(1_000 + 3_000 * this.#random.next(), () => node.process.run(() => node.hub.registerAll()))
  }

  /** Other nodes with sessions of any of these users, as far as the routes know. */
  nodesOf(userIds: Iterable<UserId>, except: Node): ReadonlySet<Node> {
    const found = new Set<Node>()
    for (const userId of userIds)
      for (const slot of this.#routes.get(userId) ?? []) {
        const node = this.nodes[slot]
        if (node && node !== except) found.add(node)
      }
    return found
  }

  /** A message that may be lost, doubled or late, and then overtakes others or is overtaken. */
  hint(from: Node, to: Node, what: string, deliver: () => void): void {
    const { reached, trace, timeline } = this.#world
    if (!from.process.isAlive) return
    const { hintLost, hintDoubled, hintLate } = this.faults
    if (this.#random.next() < hintLost || this.#isCut(from, to)) {
      reached.hit('hint lost')
      trace.say(`${from.process.name} ~> ${to.process.name} ${what} lost`)
      return
    }
    const arrive = () => to.process.run(deliver)
    timeline.setTimer(this.#arrival(`hint ${from.slot} ${to.slot}`), arrive)
    if (this.#random.next() < hintDoubled) {
      reached.hit('hint doubled')
      timeline.setTimer(200 * this.#random.next(), arrive)
    }
    if (this.#random.next() < hintLate) {
      reached.hit('hint late')
      timeline.setTimer(2_000 * this.#random.next(), arrive)
    }
  }

  /** Runs `call` at the owner of the conversation, or here where the owner is this node or does not answer. */
  async atOwner<T>(at: Node, conversationId: ConversationId, call: (chat: Chat) => Promise<T>): Promise<T> {
    const owner = this.#ownerOf(conversationId, at)
    if (owner === at) return call(at.chat)
    const { reached, timeline } = this.#world
    reached.hit('command forwarded to its owner')
    const sentAt = timeline.now()
    return new Promise((resolve, reject) => {
      let isOver = false
      const answer = (settle: () => void) => {
        if (this.#isCut(owner, at) || !owner.process.isAlive) return
        timeline.setTimer(this.#arrival(`answer ${owner.slot} ${at.slot}`), () =>
          at.process.run(() => {
            isOver = true
            settle()
          }),
        )
      }
      if (!this.#isCut(at, owner))
        timeline.setTimer(this.#arrival(`call ${at.slot} ${owner.slot}`), () =>
          owner.process.run(() => {
            // One that was sent longer ago than its sender waits is void: the sender has gone on without it.
            if (timeline.now() - sentAt > ownerPatienceMs) return
            call(owner.chat).then(
              (value) => answer(() => resolve(value)),
              (error: unknown) => answer(() => reject(error instanceof GodwitError ? error : new GodwitError('UNKNOWN_OUTCOME'))),
            )
          }),
        )
      timeline.setTimer(ownerPatienceMs, () =>
        at.process.run(() => {
          if (isOver) return
          reached.hit('owner did not answer in time')
          resolve(call(at.chat))
        }),
      )
    })
  }

  #isCut(one: Node, other: Node): boolean {
    return this.cutOff.has(one.slot) || this.cutOff.has(other.slot)
  }

  /** Rendezvous hashing over the nodes that are believed to live: each asks its own list, which may be out of date. */
  #ownerOf(conversationId: ConversationId, at: Node): Node {
    let best = at
    let highest = -1
    for (const node of this.live) {
      const weight = weightOf(`${conversationId} ${node.slot}`)
      const isKnown = node === at || !this.cutOff.has(at.slot)
      if (isKnown && weight > highest) {
        best = node
        highest = weight
      }
    }
    return best
  }

  /** ms until a message arrives that leaves now, behind the one before on the same way. */
  #arrival(way: string): number {
    const now = this.#world.timeline.now()
    const at = Math.max(this.#free.get(way) ?? 0, now + 0.2 + 4 * this.#random.next())
    this.#free.set(way, at)
    return at - now
  }
}

/** FNV-1a. */
function weightOf(text: string): number {
  let hash = 2_166_136_261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619)
  return hash >>> 0
}
