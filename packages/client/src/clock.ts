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

/** A UUIDv7 (RFC 9562 section 5.7): unique for ever, and near in time is near in order. */
export function uuid(clock: Clock): string {
  const bytes = clock.randomBytes(16)
  let ms = clock.now()
  for (let i = 5; i >= 0; i--) {
    bytes[i] = ms % 256
    ms = Math.floor(ms / 256)
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Full jitter: anywhere between nothing and the doubled delay, so that a crowd that was cut off together comes back spread out. */
export function backoffMs(clock: Clock, attempt: number, baseMs: number, maxMs: number): number {
  return clock.random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 20))
}

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(ms, resolve)
  })
}
