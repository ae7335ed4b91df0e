/** The ways in which a server is hit, and how each is prepared and known to have struck. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import type { StartOptions } from '@godwit/load/chaos/server-process.ts'
import { createRandom, type Random } from '@godwit/load/world/random.ts'
import type { Build } from './build-server.ts'
import { type Failpoint, failpoints } from './failpoints.ts'

/** Of the system calls that touch the disk or a socket, up to which of each thread's one is interfered with. */
const lastCalls = { fsync: 60, pwrite64: 200, write: 400 } as const
type Call = keyof typeof lastCalls

export type Blow =
  | { readonly kind: 'failpoint'; readonly point: Failpoint; readonly nth: number }
  /** SIGKILL on entering the Nth of these system calls. */
  | { readonly kind: 'syscall'; readonly call: Call; readonly nth: number }
  /** The Nth fsync answers EIO. */
  | { readonly kind: 'fsync-error'; readonly nth: number }
  /** From the Nth on, so many writes to files answer ENOSPC. */
  | { readonly kind: 'disk-full'; readonly nth: number; readonly count: number }
  /** SIGSTOP, and SIGCONT after a while. */
  | { readonly kind: 'stop'; readonly forMs: number }
  /** SIGKILL from outside, at any moment. */
  | { readonly kind: 'kill'; readonly afterMs: number }

export function nameOf(blow: Blow): string {
  switch (blow.kind) {
    case 'failpoint':
      return blow.point.name
    case 'syscall':
      return `${blow.call} killed`
    case 'fsync-error':
      return 'fsync EIO'
    case 'disk-full':
      return 'pwrite64 ENOSPC'
    case 'stop':
      return 'SIGSTOP'
    case 'kill':
      return 'SIGKILL'
  }
}

/** What counts: the passing, the call, or the milliseconds. */
export function numberOf(blow: Blow): number {
  return 'nth' in blow ? blow.nth : blow.kind === 'stop' ? blow.forMs : blow.afterMs
}

/** The same, sooner: what was not reached in time is tried again. */
export function sooner(blow: Blow): Blow {
  return 'nth' in blow ? { ...blow, nth: Math.ceil(blow.nth / 3) } : blow
}

/** How the server is started for it; `trace` is where strace writes. What comes from outside hits the `godwit` command as it is. */
export function startOf(blow: Blow, trace: string, build: Partial<Build>): StartOptions {
  switch (blow.kind) {
    case 'failpoint':
      return { ...build, mayEnd: true, env: { ...build.env, CRASH_POINT: blow.point.name, CRASH_AT: String(blow.nth) } }
    case 'syscall':
      return { ...build, mayEnd: true, under: strace(trace, blow.call, `signal=KILL:when=${blow.nth}`) }
    case 'fsync-error':
      return { ...build, mayEnd: true, under: strace(trace, 'fsync', `error=EIO:when=${blow.nth}`) }
    case 'disk-full':
      return { ...build, under: strace(trace, 'pwrite64', `error=ENOSPC:when=${blow.nth}..${blow.nth + blow.count}`) }
    case 'stop':
    case 'kill':
      return {}
  }
}

/** Of what leaves the process alive: whether it has happened. */
export const wasInjected = (trace: string) => existsSync(trace) && readFileSync(trace, 'utf8').includes('(INJECTED)')

/** Only the calls of interest stop the server, where strace can: a filter in the kernel, under which it injects no signals. */
function strace(trace: string, call: Call, inject: string): readonly string[] {
  const filter = inject.startsWith('signal') ? [] : ['--seccomp-bpf']
  return ['strace', '-D', '-f', '-qq', ...filter, '-o', trace, '-e', `trace=${call}`, '-e', `inject=${call}:${inject}`]
}

/** Why system calls cannot be interfered with here; null when they can. */
export function straceProblem(): string | null {
  const { error, status, stderr } = spawnSync('strace', ['-D', '-f', '--seccomp-bpf', '-e', 'trace=none', 'true'], { encoding: 'utf8' })
  if (error) return 'strace is not installed'
  return status === 0 ? null : `strace does not work here: ${stderr.trim()}`
}

/** One of so many is a stop, the first of them soon: it takes longer than any other. */
const stopEvery = 100
const firstStop = 10

/** Every other kind in turn, each time with other numbers. */
export function* blows(
  random: Random,
  { syscalls, stopMs }: { readonly syscalls: boolean; readonly stopMs: number },
): Generator<Blow, never> {
  for (let n = 1; ; ) {
    const turn = turnOf(random, syscalls)
    for (const blow of random.sample(turn, turn.length)) {
      if (n++ % stopEvery === firstStop) yield { kind: 'stop', forMs: stopMs }
      yield blow
    }
  }
}

/** Of all that `blows` can yield. */
export function blowNames({ syscalls }: { readonly syscalls: boolean }): readonly string[] {
  const all: readonly Blow[] = [...turnOf(createRandom('names'), syscalls), { kind: 'stop', forMs: 0 }]
  return [...new Set(all.map(nameOf))]
}

function turnOf(random: Random, syscalls: boolean): readonly Blow[] {
  const turn: Blow[] = failpoints.flatMap((point) =>
    point.when === 'empty' ? [] : { kind: 'failpoint', point, nth: random.int(1, point.passingMax) },
  )
  for (let i = 0; i < 3; i++) turn.push({ kind: 'kill', afterMs: random.int(20, 1_500) })
  if (!syscalls) return turn
  for (const [call, last] of Object.entries(lastCalls) as [Call, number][])
    for (let i = 0; i < 4; i++) turn.push({ kind: 'syscall', call, nth: random.int(1, last) })
  // The first fsyncs of a thread are of folders, about which SQLite does not care.
  for (let i = 0; i < 2; i++) turn.push({ kind: 'fsync-error', nth: random.int(8, lastCalls.fsync) })
  turn.push({ kind: 'disk-full', nth: random.int(40, lastCalls.pwrite64), count: random.int(1, 60) })
  return turn
}
