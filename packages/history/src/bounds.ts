/** What a run must have been, and how quick, to count. */
export interface Bounds {
  /** Operations begun: fewer prove nothing. */
  readonly operationsMin: number
  /** Operations whose outcome was unknown, for a while or for good. */
  readonly infosMin: number
  readonly faultsMin: number
  /** Of the entry frames on the wire, the share that may be repeats (C13). */
  readonly repeatedShareMax: number
  /** From the append to the application, for what comes live and outside of faults, in ms (C14). */
  readonly deliveryMsMax: number
  /** From the healing of a fault, or the loss of a link, until a device has caught up, in ms (C14). */
  readonly recoveryMsMax: number
}

/** Where neither the caller nor the history says otherwise. */
export const defaultBounds: Bounds = {
  operationsMin: 100,
  infosMin: 1,
  faultsMin: 1,
  repeatedShareMax: 0.2,
  deliveryMsMax: 10_000,
  recoveryMsMax: 60_000,
}
