/** A stretch of time over which server and load generator are watched. */
import { cpuUs, cpuUsByThread } from './proc.ts'

export interface WindowFigures {
  readonly seconds: number
  readonly serverCpuUs: number
  /** By thread of the server: `main` and the names of the others. */
  readonly threadCpuUs: ReadonlyMap<string, number>
  /** Share of a core that the load generator took: near 1 it was the generator that was measured. */
  readonly generatorShare: number
}

/** Begins now; call the answer to end it. */
export function openWindow(pid: number): () => WindowFigures {
  const [begun, server, threads, own] = [performance.now(), cpuUs(pid), cpuUsByThread(pid), process.cpuUsage()]
  return () => {
    const seconds = (performance.now() - begun) / 1_000
    const used = process.cpuUsage(own)
    const now = [...cpuUsByThread(pid)]
    return {
      seconds,
      serverCpuUs: cpuUs(pid) - server,
      threadCpuUs: new Map(now.map(([name, us]) => [name, us - (threads.get(name) ?? 0)])),
      generatorShare: (used.user + used.system) / 1e6 / seconds,
    }
  }
}
