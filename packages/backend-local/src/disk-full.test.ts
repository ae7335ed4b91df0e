import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'
import { expect, test } from 'vitest'
import { openLocal } from './open-local.ts'
import { smallDisk } from './testing/small-disk.ts'
import { throwIt } from './testing/temporary.ts'

function say(seq: number): NewEntry {
  const content = { kind: 'message', text: `${seq}: ${'鳥🐦'.repeat(1_000)}` } as const
  return { messageId: String(seq), at: seq, senderId: 'u_ana', clientMsgId: `m-${seq}`, bodyHash: 'c0ffee', content }
}

test('a full disk refuses writes with STORAGE_FULL, loses nothing, and is used again when there is room', async (context) => {
  const disk = smallDisk(8)
  if ('reason' in disk) return context.skip(disk.reason)
  const ballast = join(disk.folder, 'ballast')
  writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024))
  const { messageLog, close } = await openLocal({ folder: disk.folder, onFatal: throwIt })

  let head = 0
  /** Answers the first refusal. */
  const fill = async (atOnce: number): Promise<unknown> => {
    for (;;) {
      const answers = await Promise.allSettled(
        Array.from({ length: atOnce }, (_, index) => messageLog.append('c_00room', head + index, [say(head + index + 1)])),
      )
      const refused = answers.find(({ status }) => status === 'rejected')
      if (refused?.status === 'rejected') return refused.reason
      head += answers.length
    }
  }
  expect(await fill(4)).toMatchObject({ code: 'STORAGE_FULL' })
  // Where four do not fit, one may.
  expect(await fill(1)).toMatchObject({ code: 'STORAGE_FULL' })

  const whole = { from: 1, to: 1e9, limit: 1e9, direction: 'up' } as const
  const { entries } = await messageLog.read('c_00room', whole)
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, index) => index + 1))
  await expect(messageLog.append('c_00room', head, [say(head + 1)])).rejects.toMatchObject({ code: 'STORAGE_FULL' })

  rmSync(ballast)
  expect(await messageLog.append('c_00room', head, [say(head + 1)])).toMatchObject({ verdict: 'appended', head: { seq: head + 1 } })
  expect((await messageLog.read('c_00room', whole)).entries).toHaveLength(head + 1)
  await close()
  disk.unmount()
})
