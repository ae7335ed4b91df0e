import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'

/**
 * When devices were last seen (L10). Lossy: a sighting that is lost is made good by the next.
 *
 * Contract, proven by `conformance/sightings.ts`: a time only moves forward; `Devices` shows it as `lastSeenAt`.
 */
export interface Sightings {
  /** Times in Unix ms. Devices that are not there are passed over. */
  seen(sightings: readonly { readonly deviceId: DeviceId; readonly at: number }[]): Promise<void>
  /** The latest over all devices of each user, Unix ms; null when never. In the order asked. */
  lastSeen(userIds: readonly UserId[]): Promise<readonly (number | null)[]>
}
