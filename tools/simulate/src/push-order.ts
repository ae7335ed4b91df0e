/**
 * A node pushes the entries of a conversation in the order of their seqs (`Delivery`). Clients put right what is not, so only the
 * wire shows it. Looked at where nothing may be announced late: one node, whose store answers and whose hints are not lost.
 */
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Link } from './link.ts'
import type { World } from './world.ts'

export class PushOrder {
  readonly #world: World
  readonly #isOn: boolean
  readonly #last = new Map<Link, Map<ConversationId, number>>()

  constructor(world: World) {
    const { profile, faults } = world.plan
    this.#world = world
    this.#isOn = profile === 'local' && faults.tripPercent === 0 && faults.syncFailedEveryMs === 0 && faults.serverKillEveryMs === 0
  }

  sent(link: Link, frame: DownFrame): void {
    if (!this.#isOn || frame.type !== 'entry') return
    const { conversationId, seq } = frame.entry
    const last = this.#last.get(link) ?? new Map<ConversationId, number>()
    this.#last.set(link, last)
    const before = last.get(conversationId) ?? 0
    if (seq < before)
      this.#world.problems.push({ rule: 'L6', message: `${link.deviceName} was pushed ${seq} of ${conversationId} behind ${before}` })
    last.set(conversationId, Math.max(before, seq))
  }
}
