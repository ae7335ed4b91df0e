/**
 * Who runs where: the server alone on one core, the load on the others, so that one never takes time from the other and the server's
 * figures are those of one core.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Cores {
  /** Words before the command of a server that pin it; none where that cannot be done. */
  readonly pinned: readonly string[]
  /** For the report: why figures of this run may be worse than they should, or null. */
  readonly warning: string | null
  readonly server: number | null
  readonly load: string | null
}

/** Moves this process, and what it starts from now on, off the server's core. */
export function divideCores(): Cores {
  const allowed = allowedCores()
  const server = allowed.at(-1)
  const load = allowed.slice(0, -1).join(',')
  const unpinned = (warning: string): Cores => ({ pinned: [], warning, server: null, load: null })
  if (server === undefined || load === '') return unpinned('one core only: server and load take time from each other')
  const moved = spawnSync('taskset', ['-a', '-c', '-p', load, String(process.pid)])
  if (moved.error) return unpinned('taskset (util-linux) is missing: nothing is pinned to a core')
  if (moved.status !== 0) return unpinned(`taskset failed, nothing is pinned: ${moved.stderr}`)
  return { pinned: ['taskset', '-c', String(server)], warning: null, server, load }
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}
