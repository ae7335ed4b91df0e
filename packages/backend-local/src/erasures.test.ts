import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { device } from '@godwit/conformance/devices.ts'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'
import { expect, test } from 'vitest'
import { openLocal } from './open-local.ts'
import { requestErasure } from './request-erasure.ts'
import { openSnapshot } from './snapshot.ts'
import { openTemporary, temporaryFolder, throwIt } from './testing/temporary.ts'

const text = 'the key is under the third post 🔑'
const done = { conversationId: null, seq: 1, messages: 1, doneAt: 1_714_000_000_000 }

function say(seq: number): NewEntry {
  const content = { kind: 'message', text } as const
  return { messageId: String(seq), at: seq, senderId: 'u_zoe', clientMsgId: `m-${seq}`, bodyHash: 'c0ffee', content }
}

test('[L2] when an erasure is done no file holds a byte of what was blanked, the write-ahead log included', async () => {
  const { backend, folder, close } = await openTemporary()
  const { messageLog, erasures } = backend
  const holding = () => readdirSync(folder).filter((file) => readFileSync(join(folder, file)).includes(text))
  await messageLog.append('c_00quay', 0, [say(1)])
  await erasures.request('u_zoe', 1)
  await messageLog.blank('c_00quay', 1)
  expect(holding()).not.toEqual([])

  {
    // A backup, say: while it reads, the log has to keep what it is reading.
    using _reader = await reading(folder)
    await expect(erasures.advance('u_zoe', done)).rejects.toThrow('in use')
    expect(await erasures.pending()).toHaveLength(1)
    // Nobody had to wait for that.
    await messageLog.append('c_00mole', 0, [{ ...say(1), content: { kind: 'message', text: 'go on' } }])
  }
  await erasures.advance('u_zoe', done)
  expect(await erasures.pending()).toEqual([])
  expect(holding()).toEqual([])
  await close()
})

async function reading(folder: string) {
  const snapshot = openSnapshot(folder)
  await snapshot.messageLog.heads(['c_00quay'])
  return snapshot
}

test('a request is left beside the server that serves the folder, and its worker finds it', async () => {
  const { backend, folder, close } = await openTemporary()
  requestErasure(folder, 'u_zoe', 5)
  requestErasure(folder, 'u_zoe', 9)
  expect(await backend.erasures.pending()).toMatchObject([{ userId: 'u_zoe', requestedAt: 5, doneAt: null }])
  await close()
})

test('the devices that an erasure signed out are named until the next start, and what is signed out then comes after them', async () => {
  const { folder, remove } = temporaryFolder()
  const backend = await openLocal({ folder, onFatal: throwIt })
  const [zoes, bos] = [device({ userId: 'u_zoe' }), device({ userId: 'u_bo' })]
  for (const one of [zoes, bos]) await backend.devices.add(one)
  await backend.devices.erase('u_zoe')
  const before = await backend.devices.signOutsAfter(0)
  expect(before.deviceIds).toEqual([zoes.deviceId])
  await backend.close()

  const again = await openLocal({ folder, onFatal: throwIt })
  await again.devices.revoke(bos.deviceId, 5_000)
  expect((await again.devices.signOutsAfter(0)).deviceIds).toEqual([bos.deviceId])
  expect((await again.devices.signOutsAfter(before.position)).deviceIds).toEqual([bos.deviceId])
  await again.close()
  remove()
})

test('a snapshot stands still while the server goes on, and takes no writes', async () => {
  const { backend, folder, close } = await openTemporary()
  await backend.messageLog.append('c_00quay', 0, [say(1)])
  {
    using snapshot = await reading(folder)
    await backend.messageLog.append('c_00quay', 1, [say(2)])
    expect(await snapshot.messageLog.heads(['c_00quay'])).toMatchObject([{ seq: 1 }])
    await expect(snapshot.messageLog.blank('c_00quay', 1)).rejects.toThrow('only read')
  }
  await close()
})
