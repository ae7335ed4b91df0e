/**
 * Time and chance. The server reads neither by itself, so a simulation can replay a run from its seed.
 */
export interface Clock {
  /** Unix ms. May jump: nothing but display, expiry and debouncing depends on it. */
  now(): number
  /** Calls `run` once, `ms` from now, unless cancelled. 0 is the next turn of the event loop; more never keeps a process alive. */
  setTimer(ms: number, run: () => void): Timer
  /** Uniform in [0, 1). Not for secrets. */
  random(): number
}

export interface Timer {
  cancel(): void
}
