import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { isStoreLost } from './database.ts'
import type { Answer, Failure, FromThread, Procedures, Request, ToThread } from './rpc.ts'

/**
 * A store thread's end: hands everything that waits to `answerAll` at once, and posts all its answers at once. `close` is
 * called when the main thread has asked for it and everything before has been answered.
 */
export function serve(port: MessagePort, answerAll: (requests: readonly Request[]) => readonly Answer[], close: () => void): void {
  const post = (message: FromThread) => port.postMessage(message)

  port.on('message', (first: ToThread) => {
    const { requests, closing } = drain(port, first)
    try {
      if (requests.length > 0) post({ type: 'answers', answers: JSON.stringify(answerAll(requests)) })
      if (!closing) return
      close()
      post({ type: 'closed' })
    } catch (error) {
      if (!isStoreLost(error)) throw error
      post({ type: 'lost', message: error instanceof Error ? error.message : String(error) })
    }
    port.close()
  })
  post({ type: 'open' })
}

/** While a transaction was under way more has come: it all goes into the next one. */
function drain(port: MessagePort, first: ToThread): { readonly requests: readonly Request[]; readonly closing: boolean } {
  const messages = [first]
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) messages.push(next.message)
  return {
    requests: messages.flatMap((message) => (message.type === 'requests' ? message.requests : [])),
    closing: messages.some(({ type }) => type === 'close'),
  }
}

/** Runs one request. Throws what the procedure throws. */
export function run(procedures: Readonly<Record<string, (...args: never[]) => unknown>>, [id, name, args]: Request): Answer {
  const procedure = procedures[name]
  if (!procedure) throw new Error(`no procedure ${name}`)
  return [id, procedure(...(args as never[]))]
}

/** Runs one request that fails by itself; only a lost store is thrown. */
export function runAlone(procedures: Procedures, request: Request): Answer {
  try {
    return run(procedures, request)
  } catch (error) {
    if (isStoreLost(error)) throw error
    return [request[0], null, failureOf(error)]
  }
}

/** What the caller is told of it. */
export function failureOf(error: unknown): Failure {
  return error instanceof GodwitError ? { code: error.code, message: error.message } : { code: null, message: String(error) }
}
