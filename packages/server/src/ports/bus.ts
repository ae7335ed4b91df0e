import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'

/**
 * Lossy hints between nodes (L1): a node that misses one is late, never wrong. In `local` there is one node, and it hears itself.
 */
export interface Bus {
  publish(hint: Hint): void
  subscribe(hear: (hint: Hint) => void): void
}

export type Hint =
  | { readonly type: 'device-revoked'; readonly deviceId: DeviceId }
  | { readonly type: 'block-changed'; readonly userId: UserId; readonly otherId: UserId }
  | { readonly type: 'profile-changed'; readonly userId: UserId }
