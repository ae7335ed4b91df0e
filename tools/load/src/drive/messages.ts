/** What the run and its workers say to each other. */
import type { Session } from '@godwit/client'
import type { UserId } from '@godwit/protocol/ids.ts'

export interface WorkerData {
  readonly index: number
  readonly seed: string
  readonly serverPort: number
  readonly cutEveryMs: number
  readonly devices: readonly Session[]
  /** By activity: the n-th device belongs to the rank-th busiest person. */
  readonly ranks: readonly number[]
  readonly userIds: readonly UserId[]
  readonly operations: number
  readonly operationsPerS: number
  readonly pendingMax: number
  readonly historyFile: string
  /** Of devices that keep their store in files. */
  readonly storesFolder: string
  readonly counters: SharedArrayBuffer
}

export type ToWorker =
  | { readonly say: 'connect' }
  | { readonly say: 'go' }
  | { readonly say: 'heal' }
  /** A device that was never there before. */
  | { readonly say: 'arrive'; readonly session: Session }
  | { readonly say: 'settle'; readonly timeoutMs: number; readonly quietMs: number }
  /** One token of each user who has a device here. */
  | { readonly say: 'tokens' }
  | { readonly say: 'finish' }

export type FromWorker =
  | { readonly said: 'connected' | 'done' | 'healed' | 'arrived' }
  | { readonly said: 'settled'; readonly unsettled: readonly string[] }
  | { readonly said: 'tokens'; readonly tokens: ReadonlyMap<string, string> }
  | { readonly said: 'finished'; readonly latency: ReadonlyMap<number, number> }
