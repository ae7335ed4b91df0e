/** A program with a thread that inherits no arguments, as those of the store: both say the same. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

const greeting: string = 'moin'
if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url), { execArgv: [] })
  thread.on('message', (theirs: string) => console.log(greeting, theirs))
} else parentPort?.postMessage(greeting)
