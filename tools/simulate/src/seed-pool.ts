/** Spreads seeds over threads: each run has a thread to itself, so that it is the same whoever runs beside it. */
import { Worker } from 'node:worker_threads'
import type { Outcome } from './run-seed.ts'

export interface PoolOptions {
  readonly from: number
  readonly seeds: number
  readonly workers: number
  /** Called as they come, in any order; true ends the run. */
  readonly onOutcome: (outcome: Outcome) => boolean
}

/** Settles when all seeds have run. Rejects when a thread breaks. */
export async function runSeeds({ from, seeds, workers, onOutcome }: PoolOptions): Promise<void> {
  let next = from
  let isOver = false
  const threads = Array.from({ length: workers }, () => new Worker(new URL('./seed-thread.ts', import.meta.url)))
  const run = (thread: Worker) =>
    new Promise<void>((resolve, reject) => {
      let seed = next
      const go = () => {
        if (isOver || next >= from + seeds) return resolve()
        seed = next++
        thread.postMessage(seed)
      }
      thread.on('message', (outcome: Outcome) => {
        isOver ||= onOutcome(outcome)
        go()
      })
      thread.on('error', (error) => reject(new Error(`seed ${seed} broke its thread`, { cause: error })))
      go()
    })
  try {
    await Promise.all(threads.map(run))
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}
