import { appendAll } from '@godwit/conformance/message-log.ts'
import { entry, newConversationId, reply, say } from '@godwit/conformance/talk.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, onTestFinished, test } from 'vitest'
import { openTemporary } from './testing/temporary.ts'

/** A store, and what a consumer that passes over messages meets in it. */
async function openStream() {
  const { backend, close } = await openTemporary()
  onTestFinished(close)
  const { messageLog, eventStream } = backend
  async function next() {
    const { entries, upTo } = await eventStream.next('blanking', 10, ['message'])
    return { seqs: entries.map(({ seq }) => seq), upTo }
  }
  return { messageLog, eventStream, next }
}

test('[L1] a deletion behind more talk than is looked through at once is met, and comes again until it is confirmed', async () => {
  const { messageLog, eventStream, next } = await openStream()
  const lines = Array.from({ length: limits.streamPositionsMax * 2 }, (_, nth) => say(reply(nth)))
  await appendAll(messageLog, newConversationId(), [...lines, entry({ kind: 'delete', target: 1 })])
  expect((await next()).seqs).toEqual([lines.length + 1])
  const again = await next()
  expect(again.seqs).toEqual([lines.length + 1])
  await eventStream.confirm('blanking', again.upTo)
  expect((await next()).seqs).toEqual([])
}, 30_000)

test('[L1] who has looked to the end meets what is appended next, also where a refused append has used up positions', async () => {
  const { messageLog, next } = await openStream()
  const id = newConversationId()
  const first = say('Watvögel am Deich 🐦')
  await appendAll(messageLog, id, [first])
  for (let attempt = 0; attempt < 3; attempt++) {
    expect((await next()).seqs).toEqual([])
    expect(await messageLog.append(id, 1, [say('noch einer'), first])).toMatchObject({ verdict: 'known' })
    expect((await next()).seqs).toEqual([])
  }
  await appendAll(messageLog, id, [entry({ kind: 'delete', target: 1 })], 1)
  expect((await next()).seqs).toEqual([2])
})
