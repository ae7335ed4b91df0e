import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { openRoom } from './testing/room.ts'

test('[L9] where hundreds wait in one conversation they go in parts, in their order, and a message elsewhere waits for one of these', async () => {
  const sizes: number[] = []
  const room = await openRoom({
    log: (inner) => ({
      ...inner,
      append(conversationId, head, entries) {
        sizes.push(entries.length)
        return inner.append(conversationId, head, entries)
      },
    }),
  })
  const [ana, bo, chloé] = [await room.person('ana'), await room.person('bo'), await room.person('chloé')]
  const crowd = await room.group(ana, [bo])
  const corner = await room.direct(bo, chloé)
  for (const to of [crowd, corner]) await room.say(bo, to, 'gleich geht’s los ⚽')
  let acked = 0
  const shouts = Array.from({ length: limits.appendEntriesMax * 5 }, (_, n) =>
    room.chat.send(ana, { type: 'message', to: crowd, clientMsgId: `tor-${n}`, text: `TOOOR! ${n} 🥅` }).then((sent) => {
      acked++
      return sent.seq
    }),
  )
  const aside = room.chat.send(bo, { type: 'message', to: corner, clientMsgId: 'aside', text: '¿cenamos luego?' }).then(() => acked)
  expect(await room.done(aside)).toBeLessThanOrEqual(limits.appendEntriesMax)
  const seqs = await room.done(Promise.all(shouts))
  expect(seqs).toEqual(seqs.map((_, n) => (seqs[0] as number) + n))
  expect(Math.max(...sizes)).toBe(limits.appendEntriesMax)
})
