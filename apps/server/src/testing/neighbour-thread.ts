/**
 * Two people who write to each other while others attack: a thread of its own, so that what is measured is the server and not the
 * attackers beside. Answers milliseconds from send to delivery, rising.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { openWs } from './live-client.ts'

export interface Neighbours {
  readonly url: string
  readonly tokens: readonly [writer: string, reader: string]
  readonly conversationId: string
  /** Unique among the runs of one conversation. */
  readonly run: string
  readonly messages: number
  readonly everyMs: number
}

const { url, tokens, conversationId, run, messages, everyMs } = workerData as Neighbours
const writer = await (await openWs(url)).greet(tokens[0])
const reader = await (await openWs(url)).greet(tokens[1])

const took: Promise<number>[] = []
for (let n = 0; n < messages; n++) {
  const clientMsgId = `${run}-${n}`
  const from = performance.now()
  const heard = reader.next('entry', reader.frames.length, ({ entry }) => entry.clientMsgId === clientMsgId)
  took.push(heard.then(() => performance.now() - from))
  writer.send({ type: 'message', to: conversationId, clientMsgId, text: `Pegel um ${n}: gleichbleibend 🌊` })
  await new Promise((resolve) => setTimeout(resolve, everyMs))
}
const times = (await Promise.all(took)).sort((one, other) => one - other)
for (const client of [writer, reader]) client.end()
parentPort?.postMessage(times)
