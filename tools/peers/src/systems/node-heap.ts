/**
 * Asks a Node process that was started as anybody starts it to collect its garbage: V8 puts that off for minutes while memory is plenty, so
 * resident memory by itself tells more of the moment than of the server. SIGUSR1 opens the inspector.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '@godwit/bench/servers/child.ts'

/** Flags for a process that will be asked: any free port for its inspector. */
export const inspectable: readonly string[] = ['--inspect-port=127.0.0.1:0']

const openDeadlineMs = 10_000

export async function collectGarbage(server: Child): Promise<void> {
  const socket = new WebSocket(await inspectorOf(server))
  await once(socket, 'open')
  // The first one finds finalizers to run.
  for (let id = 1; id <= 2; id++) {
    socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }))
    await once(socket, 'message')
  }
  socket.close()
}

async function inspectorOf({ pid, output }: Child): Promise<string> {
  for (const begun = performance.now(); performance.now() - begun < openDeadlineMs; await sleep(50)) {
    const url = /Debugger listening on (ws:\S+)/.exec(output())?.[1]
    if (url !== undefined) return url
    process.kill(pid, 'SIGUSR1')
  }
  throw new Error(`process ${pid} opens no inspector`)
}

function once(socket: WebSocket, event: 'open' | 'message'): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.addEventListener(event, () => resolve(), { once: true })
  socket.addEventListener('error', () => reject(new Error('the inspector has hung up')), { once: true })
  return promise
}
