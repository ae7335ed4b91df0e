import type { Bus, Hint } from '@godwit/server/ports/bus.ts'

/** One node, which hears itself: after the publisher's turn, as a hint that came over a network would. */
export function localBus(): Bus {
  const listeners: ((hint: Hint) => void)[] = []
  return {
    publish(hint) {
      for (const hear of listeners) queueMicrotask(() => hear(hint))
    },
    subscribe(hear) {
      listeners.push(hear)
    },
  }
}
