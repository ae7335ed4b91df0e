import { type MessagePort, parentPort, workerData } from 'node:worker_threads'

/** What the main thread gives to a thread of the store. */
export interface ThreadData {
  readonly file: string
  /** Between writer and checkpointer. */
  readonly checkpoints: MessagePort | null
}

export function threadContext(): ThreadData & { readonly port: MessagePort } {
  if (!parentPort) throw new Error('this module is the entry of a store thread')
  return { ...(workerData as ThreadData), port: parentPort }
}
