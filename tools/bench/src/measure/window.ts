/** A stretch of time over which server and load generator are watched. */
import { coreBusyUs, coreOf, cpuUs, cpuUsByThread, cpuUsOfTree } from './proc.ts'

export interface WindowFigures {
  readonly seconds: number
  /** That of its helpers included. */
  readonly serverCpuUs: number
  readonly helperCpuUs: number
  /** By thread of the server: `main` and the names of the others. */
  readonly threadCpuUs: ReadonlyMap<string, number>
  /** Share of a core that the load generator took: near 1 it was the generator that was measured. */
  readonly generatorShare: number
  /** Share of the server's core that was taken by other programs; 0 when the server has no core of its own. */
  readonly othersShare: number
}

/** Begins now; call the answer to end it. */
export function openWindow(pid: number, helpers: readonly number[] = []): () => WindowFigures {
  const core = coreOf(pid)
  const busyUs = () => (core === null ? 0 : coreBusyUs(core))
  const helperUs = () => helpers.reduce((sum, helper) => sum + cpuUsOfTree(helper), 0)
  const [begun, server, helped, busy, threads, own] = [
    performance.now(),
    cpuUs(pid),
    helperUs(),
    busyUs(),
    cpuUsByThread(pid),
    process.cpuUsage(),
  ]
  return () => {
    const seconds = (performance.now() - begun) / 1_000
    const used = process.cpuUsage(own)
    const helperCpuUs = helperUs() - helped
    const serverCpuUs = cpuUs(pid) - server + helperCpuUs
    const now = [...cpuUsByThread(pid)]
    return {
      seconds,
      serverCpuUs,
      helperCpuUs,
      threadCpuUs: new Map(now.map(([name, us]) => [name, us - (threads.get(name) ?? 0)])),
      generatorShare: (used.user + used.system) / 1e6 / seconds,
      othersShare: core === null ? 0 : Math.max(0, busyUs() - busy - serverCpuUs) / 1e6 / seconds,
    }
  }
}
