/** One measured window of operations that have an answer: requests, resumes, messages until they have arrived. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram } from '../measure/histogram.ts'
import { openWindow, type WindowFigures } from '../measure/window.ts'
import type { Child } from '../servers/child.ts'

export interface OperationFigures {
  readonly window: WindowFigures
  readonly perS: number
  readonly cpuUsEach: number
  /** From the intended moment to the answer. */
  readonly latency: Histogram
}

export interface OperationOptions {
  readonly server: Child
  readonly seconds: number
  readonly settleInS: number
  /** Open loop, so many a second; or closed, so many at once. */
  readonly load: { readonly perS: number } | { readonly atOnce: number }
  /** `at`: when it should begin, on the clock of `performance.now()`. */
  readonly operate: (at: number) => Promise<unknown>
}

/** A server that lets more than this wait has failed, and the generator must not fail with it. */
const waitingMax = 20_000
const settleDeadlineMs = 60_000

/** Throws the first failure of an operation. */
export async function measureOperations({ server, seconds, settleInS, load, operate }: OperationOptions): Promise<OperationFigures> {
  const latency = new Histogram()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  let isMeasured = false
  let isRunning = true
  let waiting = 0
  let answered = 0
  const begin = async (at: number) => {
    if (++waiting > waitingMax) return failed.reject(new Error(`${waitingMax} operations wait for an answer`))
    try {
      await operate(at)
      answered++
      if (isMeasured) latency.record(performance.now() - at)
    } catch (error) {
      failed.reject(error)
    }
    waiting--
    if (isRunning && 'atOnce' in load) begin(performance.now())
  }
  const waitOr = (ms: number) => Promise.race([sleep(ms), server.died, failed.promise])

  const stop = 'perS' in load ? every(1_000 / load.perS, begin) : atOnce(load.atOnce, begin)
  try {
    await waitOr(settleInS * 1_000)
    isMeasured = true
    const before = answered
    const close = openWindow(server.pid, server.helpers)
    await waitOr(seconds * 1_000)
    for (const from = performance.now(); answered === before; await waitOr(50))
      if (performance.now() - from > settleDeadlineMs) throw new Error(`no operation was answered in ${settleDeadlineMs} ms`)
    const window = close()
    const count = answered - before
    isRunning = false
    stop()
    for (const from = performance.now(); waiting > 0; await waitOr(2))
      if (performance.now() - from > settleDeadlineMs) throw new Error(`${waiting} operations have no answer after ${settleDeadlineMs} ms`)
    return { window, perS: count / window.seconds, cpuUsEach: window.serverCpuUs / count, latency }
  } finally {
    isRunning = false
    stop()
  }
}

/** At even moments, whatever becomes of those before. */
function every(ms: number, begin: (at: number) => void): () => void {
  const from = performance.now()
  let count = 0
  const timer = setInterval(() => {
    const now = performance.now()
    for (let at = from + count * ms; at <= now; at = from + ++count * ms) begin(at)
  }, 1)
  return () => clearInterval(timer)
}

function atOnce(count: number, begin: (at: number) => void): () => void {
  for (let i = 0; i < count; i++) begin(performance.now())
  return () => {}
}
