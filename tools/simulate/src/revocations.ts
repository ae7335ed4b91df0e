/**
 * T3: whoever lost the hint, or the answer to the request: a device that was signed out is served no longer than `revocationDelayMsMax`.
 * Counted is the time in which its node runs and the store answers it: else the node cannot know.
 */
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Cloud } from './cloud.ts'
import type { Process } from './process.ts'
import type { World } from './world.ts'

const tickMs = 250

export class Revocations {
  readonly #world: World
  readonly #cloud: Cloud
  readonly #servedMs = new Map<DeviceId, number>()

  constructor(world: World, cloud: Cloud) {
    this.#world = world
    this.#cloud = cloud
  }

  begin(): void {
    this.#world.timeline.setTimer(tickMs, () => {
      this.#look()
      this.begin()
    })
  }

  #look(): void {
    for (const [deviceId, nodes] of this.#servedThoughRevoked()) {
      const servedMs = nodes.every((node) => this.#canKnow(node)) ? (this.#servedMs.get(deviceId) ?? 0) + tickMs : 0
      this.#servedMs.set(deviceId, servedMs)
      if (servedMs !== limits.revocationDelayMsMax + tickMs) continue
      const names = nodes.map(({ name }) => name).join(', ')
      this.#world.problems.push({ rule: 'T3', message: `${deviceId} was revoked, and ${names} goes on serving it` })
    }
  }

  #servedThoughRevoked(): Map<DeviceId, Process[]> {
    const found = new Map<DeviceId, Process[]>()
    for (const link of this.#cloud.network.links) {
      const [deviceId] = link.deviceName.split('#') as [DeviceId]
      if (!link.isServed || this.#world.disk.devices.get(deviceId)?.revokedAt == null) continue
      found.set(deviceId, [...(found.get(deviceId) ?? []), link.node.process])
    }
    return found
  }

  #canKnow(node: Process): boolean {
    const { hostility, cutOff } = this.#cloud.store
    return node.isRunning && hostility.percent === 0 && !cutOff.has(node)
  }
}
