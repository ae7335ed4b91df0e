/** A way for frames. WebSocket and long poll look the same from here. */
export interface Transport {
  send(frame: string): void
  close(): void
}

export interface TransportEvents {
  /** Frames may be sent now. */
  readonly onOpen: () => void
  readonly onFrame: (frame: string) => void
  /** Once, and last, however it ended; not after `close()`. */
  readonly onClose: (code: number, reason: string) => void
}

export type TransportKind = 'websocket' | 'poll'
/** Never throws; what fails comes as `onClose`. */
export type OpenTransport = (kind: TransportKind, token: string, events: TransportEvents) => Transport

/** Closed without a closing handshake (RFC 6455 section 7.4.1). */
export const abnormalClosure = 1006
