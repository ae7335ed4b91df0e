import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { expect, test } from 'vitest'
import { FolderInUseError } from './folder-lock.ts'
import { openLocal } from './open-local.ts'
import { temporaryFolder, throwIt } from './testing/temporary.ts'

interface Answered {
  readonly conversationId: ConversationId
  readonly seq: number
  readonly clientMsgId: string
}

const appendForever = fileURLToPath(new URL('./testing/append-forever.ts', import.meta.url))

/** Runs the appender, kills it once `enough` appends were answered, and answers those that were. */
async function appendAndKill(folder: string, enough: number): Promise<readonly Answered[]> {
  const child = spawn(process.execPath, [appendForever, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const answered: Answered[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    // The kill may cut the last line.
    if (line.endsWith('}')) answered.push(JSON.parse(line))
    if (answered.length === enough) child.kill('SIGKILL')
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  return answered
}

test('[L4] after kill -9 every answered append is there, once, and the log goes on', async () => {
  const { folder, remove } = temporaryFolder()
  const answered: Answered[] = []
  for (const enough of [1, 300, 1_000]) answered.push(...(await appendAndKill(folder, enough)))

  const backend = await openLocal({ folder, onFatal: throwIt })
  for (const id of new Set(answered.map(({ conversationId }) => conversationId))) {
    const { entries } = await backend.messageLog.read(id, { from: 1, to: 1e9, limit: 1e9, direction: 'up' })
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1))
    expect(new Set(entries.map(({ clientMsgId }) => clientMsgId)).size).toBe(entries.length)
    for (const ack of answered.filter(({ conversationId }) => conversationId === id))
      expect(entries[ack.seq - 1]).toMatchObject({ clientMsgId: ack.clientMsgId })
  }
  expect(backend.clock.now()).toBeGreaterThan(0)
  await backend.close()
  remove()
})

test('a second process on a data folder is refused while the first lives, and let in when it was killed', async () => {
  const { folder, remove } = temporaryFolder()
  const child = spawn(process.execPath, [appendForever, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  await expect(openLocal({ folder, onFatal: throwIt })).rejects.toThrow(FolderInUseError)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await openLocal({ folder, onFatal: throwIt })).close()
  remove()
})
