/**
 * Tabs of one browser are one device and share its store. One of them leads: it alone drains the outbox and writes the cache.
 * The lock of the platform decides who, so that the next one leads as soon as the leader is gone, however it went.
 */
export interface Tabs {
  /** Calls `lead` when this tab leads, perhaps never. Returns what gives the lead up, or ends the waiting for it. */
  lead(lead: () => void): () => void
  /** Runs `task` while no other tab runs its own: for the refresh token, which may be used once. */
  exclusively<T>(task: () => Promise<T>): Promise<T>
  /** To all other tabs; lossy. */
  post(message: unknown): void
  /** Returns what ends it. */
  listen(listener: (message: unknown) => void): () => void
}

/** Nobody shares the store. */
export const soleTab: Tabs = {
  lead: (lead) => {
    lead()
    return () => {}
  },
  exclusively: (task) => task(),
  post: () => {},
  listen: () => () => {},
}

/** What of the platform is needed, so that a test can pass its own. */
export interface TabsPlatform {
  readonly locks: Pick<LockManager, 'request'>
  readonly channel: (name: string) => Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>
}

/** Web Locks and BroadcastChannel; the sole tab where the browser lacks them (they need a secure context). */
export function browserTabs(name: string): Tabs {
  const { locks } = globalThis.navigator ?? {}
  if (!locks || typeof BroadcastChannel === 'undefined') return soleTab
  return sharedTabs(name, { locks, channel: (channel) => new BroadcastChannel(channel) })
}

export function sharedTabs(name: string, { locks, channel }: TabsPlatform): Tabs {
  let opened: ReturnType<TabsPlatform['channel']> | null = null
  const listeners = new Set<(message: unknown) => void>()
  return {
    lead(lead) {
      const abort = new AbortController()
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      locks
        .request(`godwit:lead:${name}`, { signal: abort.signal }, () => {
          lead()
          return held
        })
        .catch(() => {
          // Given up while waiting.
        })
      return () => {
        abort.abort()
        release()
      }
    },
    exclusively: <T>(task: () => Promise<T>) => locks.request(`godwit:token:${name}`, task) as Promise<T>,
    post: (message) => opened?.postMessage(message),
    listen(listener) {
      if (!opened) {
        opened = channel(`godwit:${name}`)
        opened.addEventListener('message', (event: Event) => {
          for (const one of [...listeners]) one((event as MessageEvent).data)
        })
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        opened?.close()
        opened = null
      }
    },
  }
}
