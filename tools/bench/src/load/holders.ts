/** Starts processes that hold idle sessions, and hears how they do. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { HolderReport, HolderTask } from './holder.ts'
import type { Greeting } from './session.ts'

const program = fileURLToPath(new URL('./holder.ts', import.meta.url))
/** Below the open files that a process may have, with room for the rest. */
const sessionsPerProcess = 9_000

export interface Holders {
  /** Since all were live; up to a second old. */
  pongs(): number
  /** Rejects when a session is refused or closed, or a process ends. */
  readonly failed: Promise<never>
  end(): void
  [Symbol.dispose](): void
}

/** Answers when all are live. */
export async function holdIdle(port: number, greetings: readonly Greeting[], pingEveryMs: number): Promise<Holders> {
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  const children: ChildProcess[] = []
  const counts: number[] = []
  let isEnding = false
  const end = () => {
    isEnding = true
    for (const child of children) child.kill('SIGKILL')
  }
  const live: Promise<void>[] = []
  for (let firstUser = 0; firstUser < greetings.length; firstUser += sessionsPerProcess) {
    const child = fork(program, { stdio: 'inherit' })
    const index = children.push(child) - 1
    const { promise, resolve } = Promise.withResolvers<void>()
    live.push(promise)
    child.once('exit', () => isEnding || failed.reject(new Error('a process that holds sessions has ended')))
    child.on('message', (report: HolderReport) => {
      if (report.type === 'live') resolve()
      else if (report.type === 'pongs') counts[index] = report.count
      else failed.reject(new Error(report.message))
    })
    const task: HolderTask = {
      port,
      firstUser,
      greetings: greetings.slice(firstUser, firstUser + sessionsPerProcess),
      connectsAtOnce: 32,
      pingEveryMs,
    }
    child.send(task)
  }
  try {
    await Promise.race([Promise.all(live), failed.promise])
  } catch (error) {
    end()
    throw error
  }
  return { pongs: () => counts.reduce((sum, count) => sum + count, 0), failed: failed.promise, end, [Symbol.dispose]: end }
}
