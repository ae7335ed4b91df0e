/** What Linux tells of a process: CPU time and memory. */
import { readdirSync, readFileSync } from 'node:fs'

/** `USER_HZ`: the unit of times in /proc, fixed by the kernel's interface. */
const ticksPerS = 100

/** User and system time of all threads of the process, those that have ended included, in microseconds. To 10 ms. */
export function cpuUs(pid: number): number {
  return cpuUsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

/** The same of a process and of all below it, those included that have ended and were waited for. */
export function cpuUsOfTree(root: number): number {
  const stats = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readOrNull(`/proc/${name}/stat`) ?? []) : []))
  const processes = stats.map((stat) => ({ pid: Number.parseInt(stat, 10), parent: Number(fieldsOf(stat)[1]), us: cpuUsOf(stat, true) }))
  const below = (parent: number): number =>
    processes.filter((process) => process.parent === parent).reduce((sum, { pid, us }) => sum + us + below(pid), 0)
  return below(root) + (processes.find(({ pid }) => pid === root)?.us ?? 0)
}

/** The same of each live thread, by its name; threads of one name are told together. */
export function cpuUsByThread(pid: number): ReadonlyMap<string, number> {
  const byName = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readOrNull(`/proc/${pid}/task/${thread}/stat`)
    if (stat === null) continue
    const name = Number(thread) === pid ? 'main' : stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    byName.set(name, (byName.get(name) ?? 0) + cpuUsOf(stat))
  }
  return byName
}

/** The one core that the process may run on, or null. */
export function coreOf(pid: number): number | null {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return list !== undefined && /^\d+$/.test(list) ? Number(list) : null
}

/** Time that a core has spent in programs and in system calls, since the machine started, in microseconds. */
export function coreBusyUs(core: number): number {
  const fields = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? []
  const [user = 0, nice = 0, system = 0] = fields
  return ((user + nice + system) * 1e6) / ticksPerS
}

export interface Memory {
  readonly rssBytes: number
  /** The highest it has been. */
  readonly peakBytes: number
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
  return { rssBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') }
}

/** `withChildren`: and of children that were waited for. */
function cpuUsOf(stat: string, withChildren = false): number {
  const [utime, stime, cutime, cstime] = fieldsOf(stat).slice(11, 15).map(Number) as [number, number, number, number]
  return ((utime + stime + (withChildren ? cutime + cstime : 0)) * 1e6) / ticksPerS
}

/** Those from `state` on. The name of the program stands in brackets before them and may hold anything. */
const fieldsOf = (stat: string) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')

/** A thread or a process may end between the list and the look. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
