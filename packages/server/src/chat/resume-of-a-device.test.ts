import type { DownFrameOf } from '@godwit/protocol/down.ts'
import { expect, test } from 'vitest'
import { openRoom, type Room } from './testing/room.ts'

type Sender = Awaited<ReturnType<Room['person']>>

async function resumed(room: Room, who: Sender, mark: string | null): Promise<DownFrameOf<'resumed'>> {
  const epoch = mark === null ? null : await room.backend.vault.getOrCreate('epoch', () => 'none')
  const answer = await room.done(room.chat.resume(who, { type: 'resume', epoch, mark }))
  if (answer.type !== 'resumed') throw new Error(`expected resumed, got ${answer.reason}`)
  return answer
}

test('[L7] entries that a device has acknowledged do not ride again; its user’s other devices get them, and so does it without a mark', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const laptop = { ...bo, deviceId: 'd_bos-laptop' as const }
  const to = await room.direct(ana, bo)
  await room.say(ana, to, 'Die Fähre geht um neun')
  const { mark } = await resumed(room, bo, null)
  await room.done(room.chat.advance(bo, to, 2, 'delivered'))
  await room.say(ana, to, '九時ですね')
  await room.amend(ana, to, { type: 'edit', target: 2, text: 'Die Fähre geht um zehn ⛴️' })

  const seqs = async (who: Sender, from: string | null) => {
    const [row] = (await resumed(room, who, from)).conversations
    return { head: row?.head, entries: row?.entries.map(({ seq }) => seq), preview: row?.preview?.seq }
  }
  expect(await seqs(bo, mark)).toEqual({ head: 4, entries: [3, 4], preview: 3 })
  expect(await seqs(laptop, mark)).toEqual({ head: 4, entries: [1, 2, 3, 4], preview: 3 })
  expect(await seqs(bo, null)).toEqual({ head: 4, entries: [1, 2, 3, 4], preview: 3 })
  await room.done(room.chat.advance(bo, to, 4, 'read'))
  expect(await seqs(bo, mark)).toEqual({ head: 4, entries: [], preview: 3 })
})
