/** One client connection, as the gateway sees it: a WebSocket or a long poll. */
export interface Socket {
  /** Queues frames, already encoded and never changed from here on, for one write. Never blocks, never throws. */
  send(frames: readonly Frame[]): void
  close(code: number, reason: string): void
  /** Bytes accepted by `send` that the network has not taken yet. */
  bufferedBytes(): number
}

/** JSON text encoded once as UTF-8, shared by all receivers. */
export type Frame = Buffer
