import type { Bus, Hint } from './bus.ts'

/** The bus of a profile with one node, which hears itself: after the publisher's turn, as a hint that came over a network would. */
export function inProcessBus(): Bus {
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
