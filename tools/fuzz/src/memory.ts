/** Memory of this process, which is client and server in one, after what is garbage has gone. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export interface Memory {
  /** What is held: objects and buffers of the main thread. */
  readonly heldBytes: number
  /** What the system has given: all threads, code, and what was not given back. */
  readonly rssBytes: number
}

/**
 * By how much each may grow once everything is warm. Caches and budgets fill up over the first hundred thousand inputs; RSS goes up
 * and down by tens of MiB.
 */
const growthMax: Memory = { heldBytes: 64 << 20, rssBytes: 160 << 20 }

export function memory(): Memory {
  collect()
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heldBytes: heapUsed + external, rssBytes: rss }
}

export function hasGrown(from: Memory, to: Memory): boolean {
  return to.heldBytes - from.heldBytes > growthMax.heldBytes || to.rssBytes - from.rssBytes > growthMax.rssBytes
}

const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`

export function told(from: Memory, to: Memory): string {
  const { heldBytes, rssBytes } = growthMax
  return (
    `memory held ${mib(from.heldBytes)} when warm, ${mib(to.heldBytes)} at the end (may grow by ${mib(heldBytes)}); ` +
    `RSS ${mib(from.rssBytes)}, ${mib(to.rssBytes)} (${mib(rssBytes)})`
  )
}
