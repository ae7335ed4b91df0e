/**
 * Frames over long polling, where sockets are blocked. One GET waits for what comes down and names what has arrived; POSTs carry
 * what goes up, one at a time, numbered, so that a repeated one is not taken twice.
 *
 *   POST /v1/poll          -> { pollId }
 *   GET  /v1/poll/ID?ack=N -> { frames: [{ n, frame }], closed }
 *   POST /v1/poll/ID       <- { n, frames }
 *   DELETE /v1/poll/ID     the client has gone
 */
import type { PollAnswer } from '@godwit/protocol/api.ts'
import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { Clock } from './clock.ts'
import type { Http, Method } from './http.ts'
import { persist } from './persist.ts'
import { abnormalClosure, type Transport, type TransportEvents } from './transport.ts'

const attemptsMax = 4
const utf8 = new TextEncoder()

export function openPoll(http: Http, clock: Clock, events: TransportEvents): Transport {
  const abort = new AbortController()
  const waiting: string[] = []
  let pollId: string | null = null
  let posting = false
  let nextUp = 1

  const end = (code: number, reason: string) => {
    if (abort.signal.aborted) return
    stop()
    events.onClose(code, reason)
  }
  const stop = () => abort.abort()

  /** Lost requests are repeated: the numbers make that safe. */
  const repeat = <T>(method: Method, path: string, body?: unknown): Promise<T> =>
    persist(
      clock,
      (attempt) => attempt < attemptsMax && !abort.signal.aborted,
      () => http.request<T>(method, path, { body, signal: abort.signal }),
    )

  async function receive(id: string) {
    let ack = 0
    while (!abort.signal.aborted) {
      const answer = await repeat<PollAnswer>('GET', `/v1/poll/${id}?ack=${ack}`)
      if (abort.signal.aborted) return
      for (const { n, frame } of answer.frames) {
        if (n <= ack) continue
        if (n !== ack + 1) return end(abnormalClosure, 'a frame is missing')
        ack = n
        events.onFrame(typeof frame === 'string' ? frame : JSON.stringify(frame))
        if (abort.signal.aborted) return
      }
      if (answer.closed) return end(answer.closed.code, answer.closed.reason)
    }
  }

  async function post(id: string) {
    if (posting) return
    posting = true
    while (waiting.length > 0 && !abort.signal.aborted) {
      const frames = waiting.splice(0, fitting(waiting))
      await repeat('POST', `/v1/poll/${id}`, { n: nextUp, frames })
      nextUp += frames.length
    }
    posting = false
  }

  const lost = (error: unknown) => end(abnormalClosure, error instanceof Error ? error.message : 'the poll failed')

  async function open() {
    // Once only: a lost answer would leave a session behind, and whoever opens tries again anyway.
    const opened = await http.request<{ readonly pollId: string }>('POST', '/v1/poll', { body: {}, signal: abort.signal })
    if (abort.signal.aborted) return
    pollId = opened.pollId
    events.onOpen()
    await receive(pollId)
  }
  open().catch(lost)

  return {
    send(frame) {
      waiting.push(frame)
      if (pollId !== null) post(pollId).catch(lost)
    },
    close() {
      stop()
      // Lost, it is noticed by the silence.
      if (pollId !== null) http.request('DELETE', `/v1/poll/${pollId}`).catch(() => {})
    },
  }
}

/** How many of the frames fit one request. */
function fitting(frames: readonly string[]): number {
  let bytes = 0
  let count = 0
  for (const frame of frames) {
    bytes += utf8.encode(JSON.stringify(frame)).length + 1
    if (count > 0 && (bytes > limits.frameBytesMax - 1024 || count >= limits.batchFramesMax)) break
    count++
  }
  return count
}
