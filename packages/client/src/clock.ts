/** Time and chance, passed in so that a simulation can replay a run from its seed. */
export interface Clock {
  /** Unix ms; may jump. */
  now(): number
  /** Calls `run` once, `ms` from now. Returns what cancels it. */
  setTimer(ms: number, run: () => void): () => void
  /** Uniform in [0, 1). For jitter. */
  random(): number
  /** `count` random bytes, for ids that nobody else may choose. */
  randomBytes(count: number): Uint8Array
}
