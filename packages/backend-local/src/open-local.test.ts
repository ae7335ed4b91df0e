import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { busyTimeoutMs } from './database.ts'
import { FolderInUseError } from './folder-lock.ts'
import { knownSchema, NewerSchemaError, schemaOf } from './migrate.ts'
import { openLocal } from './open-local.ts'
import { toSchema3 } from './testing/older-schema.ts'
import { openTemporary, temporaryFolder, throwIt } from './testing/temporary.ts'

const rooms = (count: number): readonly ConversationId[] => Array.from({ length: count }, (_, index) => `c_00room-${index}` as const)

function say(text: string, at = Date.UTC(2024, 0, 1)): NewEntry {
  const content = { kind: 'message', text } as const
  return { messageId: '7123456789012345678', at, senderId: 'u_ana', clientMsgId: text, bodyHash: 'c0ffee', content }
}

test('what was answered is there after a restart, and the folder is for its owner alone', async () => {
  const { folder, remove } = temporaryFolder()
  const inside = join(folder, 'data', 'godwit')
  const first = await openLocal({ folder: inside, onFatal: throwIt })
  await first.messageLog.append('c_00room', 0, [say('Tschüss, bis morgen 👋')])
  const key = await first.vault.getOrCreate('epoch', () => 'e1')
  await first.close()
  const second = await openLocal({ folder: inside, onFatal: throwIt })
  const { entries } = await second.messageLog.read('c_00room', { from: 1, to: 9, limit: 9, direction: 'up' })
  expect(entries).toMatchObject([{ text: 'Tschüss, bis morgen 👋', messageId: '7123456789012345678' }])
  expect(await second.vault.getOrCreate('epoch', () => 'e2')).toBe(key)
  expect(statSync(inside).mode & 0o777).toBe(0o700)
  await second.close()
  remove()
})

test('a second opener of the folder is told that it is in use', async () => {
  const { folder, close } = await openTemporary()
  await expect(openLocal({ folder, onFatal: throwIt })).rejects.toThrow(FolderInUseError)
  await expect(openLocal({ folder, onFatal: throwIt })).rejects.toThrow(/in use by another Godwit server/)
  await close()
})

test('a folder of a newer schema is refused, and left as it is', async () => {
  const { folder, remove } = temporaryFolder()
  await (await openLocal({ folder, onFatal: throwIt })).close()
  const db = new DatabaseSync(join(folder, 'godwit.db'))
  db.exec('UPDATE schema_version SET version = 9999')
  await expect(openLocal({ folder, onFatal: throwIt })).rejects.toThrow(NewerSchemaError)
  await expect(openLocal({ folder, onFatal: throwIt })).rejects.toThrow(/newer Godwit \(schema 9999/)
  expect(db.prepare('SELECT version FROM schema_version').get()).toEqual({ version: 9999 })
  db.close()
  remove()
})

test('an empty database of schema 0 is migrated', async () => {
  const { folder, remove } = temporaryFolder()
  const db = new DatabaseSync(join(folder, 'godwit.db'))
  db.exec('CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT; INSERT INTO schema_version VALUES (0)')
  db.close()
  const backend = await openLocal({ folder, onFatal: throwIt })
  expect((await backend.messageLog.append('c_00room', 0, [say('moin')])).verdict).toBe('appended')
  await backend.close()
  remove()
})

test('a folder of the schema before is brought up to date with what is in it', async () => {
  const { folder, remove } = temporaryFolder()
  const [id] = rooms(1) as [ConversationId]
  const inside = async () => {
    const { messageLog, conversations, inbox, close } = await openLocal({ folder, onFatal: throwIt })
    if ((await conversations.load(id)) === null) {
      await messageLog.append(id, 0, [say('Wer hat die Schlüssel?')])
      const interval = { userId: 'u_ana', from: 1, joined: 1, to: null, role: 'member' } as const
      const state = { conversationId: id, kind: 'group', name: 'Bootshaus', createdBy: 'u_ana', history: 'joined', applied: 1 } as const
      await conversations.project(0, { ...state, changedAt: 1, intervals: [interval] })
    }
    const list = await inbox.newest('u_ana', null, 9)
    await close()
    return list
  }
  const before = await inside()
  const db = new DatabaseSync(join(folder, 'godwit.db'))
  const schema = () => db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all()
  const upToDate = schema()
  toSchema3(db)
  expect(schema()).not.toEqual(upToDate)
  expect(await inside()).toEqual(before)
  expect(before).toMatchObject([{ last: { text: 'Wer hat die Schlüssel?' } }])
  expect(schema()).toEqual(upToDate)
  expect(schemaOf(db)).toBe(knownSchema)
  db.close()
  remove()
})

test('many appends that wait share few transactions, each with its own verdict', async () => {
  const { backend, close } = await openTemporary()
  const before = backend.commits()
  const ids = rooms(500)
  const verdicts = await Promise.all(ids.map((id, index) => backend.messageLog.append(id, index % 5 === 0 ? 1 : 0, [say(`in ${id}`)])))
  expect(verdicts.filter(({ verdict }) => verdict === 'head-moved')).toHaveLength(100)
  expect(verdicts.filter(({ verdict }) => verdict === 'appended')).toHaveLength(400)
  expect(backend.commits() - before).toBeLessThan(10)
  await close()
})

test('a write that throws fails alone: the others of its transaction are stored', async () => {
  const { backend, close } = await openTemporary()
  const ids = rooms(50)
  const writes = ids.map((id, index) =>
    backend.messageLog.append(id, 0, [{ ...say(`in ${id}`), ...(index === 17 && { bodyHash: 'not hex' }) }]),
  )
  const results = await Promise.allSettled(writes)
  expect(results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([17])
  const heads = await backend.messageLog.heads(ids)
  expect(heads.flatMap((head, index) => (head === null ? [index] : []))).toEqual([17])
  await close()
})

test('[L8] a cursor that moves beside a write that throws is stored, whatever the writer remembers of it', async () => {
  const { backend, close } = await openTemporary()
  const cursor = { conversationId: 'c_00room', userId: 'u_ana' } as const
  const [moved] = await Promise.allSettled([
    backend.cursors.advance([{ ...cursor, deviceId: null, read: 1, at: 1 }]),
    backend.messageLog.append('c_00room', 0, [{ ...say('bis gleich'), bodyHash: 'not hex' }]),
  ])
  expect(moved).toMatchObject({ status: 'fulfilled', value: [{ read: 1 }] })
  expect(await backend.cursors.of([cursor])).toMatchObject([{ read: 1 }])
  await close()
})

test('[L2] pipelined appends of one conversation ride in one transaction, in order', async () => {
  const { backend, close } = await openTemporary()
  const verdicts = await Promise.all(
    Array.from({ length: 100 }, (_, head) => backend.messageLog.append('c_00room', head, [say(`at ${head}`)])),
  )
  expect(verdicts.map((verdict) => (verdict.verdict === 'appended' ? verdict.head.seq : null))).toEqual(
    verdicts.map((_, index) => index + 1),
  )
  await close()
})

test('close finishes the writes that wait, and refuses later ones', async () => {
  const { folder, remove } = temporaryFolder()
  const backend = await openLocal({ folder, onFatal: throwIt })
  const ids = rooms(20)
  const writes = Promise.all(ids.map((id) => backend.messageLog.append(id, 0, [say(`in ${id}`)])))
  await backend.close()
  expect((await writes).every(({ verdict }) => verdict === 'appended')).toBe(true)
  await expect(backend.messageLog.heads(ids)).rejects.toMatchObject({ code: 'DRAINING' })
  await expect(backend.messageLog.append('c_00room', 0, [say('late')])).rejects.toMatchObject({ code: 'DRAINING' })
  remove()
})

test('[L7] the clock begins behind no entry of the log', async () => {
  const { folder, remove } = temporaryFolder()
  const future = Date.now() + 3_600_000
  const first = await openLocal({ folder, onFatal: throwIt })
  await first.messageLog.append('c_00room', 0, [say('from a clock that was ahead', future)])
  await first.close()
  const second = await openLocal({ folder, onFatal: throwIt })
  expect(second.clock.now()).toBeGreaterThanOrEqual(future)
  await second.close()
  remove()
})

test('[L7] the clock begins behind no time that was told, also when nobody wrote and the machine was set back meanwhile', async () => {
  const { folder, remove } = temporaryFolder()
  const first = await openLocal({ folder, onFatal: throwIt })
  const told = first.clock.now()
  await vi.waitFor(() => expect(first.commits()).toBe(1))
  await first.close()
  const now = vi.spyOn(Date, 'now').mockReturnValue(told - 3_600_000)
  const second = await openLocal({ folder, onFatal: throwIt })
  // It was kept a moment before it was told; marks lie two minutes back.
  expect(second.clock.now()).toBeGreaterThanOrEqual(told - 1_000)
  await second.close()
  now.mockRestore()
  remove()
})

test('[L7] a time that was wrong by years is given up at the next start, and all marks with it', async () => {
  const { folder, remove } = temporaryFolder()
  const now = vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2106, 1, 7))
  onTestFinished(() => {
    now.mockRestore()
    remove()
  })
  const first = await openLocal({ folder, onFatal: throwIt })
  const epoch = await first.vault.getOrCreate('epoch', () => 'of 2106')
  await first.close()
  now.mockRestore()
  const second = await openLocal({ folder, onFatal: throwIt })
  expect(second.clock.now()).toBeLessThan(Date.now() + 1_000)
  expect(await second.vault.getOrCreate('epoch', () => 'none')).not.toBe(epoch)
  await second.close()
})

test('a database that another program holds refuses writes with OVERLOADED, all after one wait, and goes on when it lets go', async () => {
  const { backend, folder, close } = await openTemporary()
  const other = new DatabaseSync(join(folder, 'godwit.db'))
  other.exec('BEGIN IMMEDIATE')
  const ids = rooms(20)
  const begin = performance.now()
  const results = await Promise.allSettled(ids.map((id) => backend.messageLog.append(id, 0, [say(`in ${id}`)])))
  expect(performance.now() - begin).toBeLessThan(3 * busyTimeoutMs)
  for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'OVERLOADED' } })
  other.exec('ROLLBACK')
  other.close()
  expect((await backend.messageLog.append('c_00room-0', 0, [say('moin')])).verdict).toBe('appended')
  await close()
}, 60_000)

test('[L2] blanking again writes nothing: the sweep blanks every deletion once more', async () => {
  const { backend, folder, close } = await openTemporary()
  const { messageLog } = backend
  await messageLog.append('c_00room', 0, [say('PIN 4711')])
  await messageLog.blank('c_00room', 1)
  const log = () => readFileSync(join(folder, 'godwit.db-wal'))
  const before = log()
  for (let n = 0; n < 20; n++) await messageLog.blank('c_00room', 1)
  expect(log().equals(before)).toBe(true)
  await close()
})

test('a broken database is fatal: told once, and every call is rejected with an unknown outcome', async () => {
  const { folder, remove } = temporaryFolder()
  const first = await openLocal({ folder, onFatal: throwIt })
  await first.messageLog.append('c_00room', 0, [say('moin')])
  await first.close()
  const told: Error[] = []
  const fatal = Promise.withResolvers<void>()
  const onFatal = (error: Error) => {
    told.push(error)
    fatal.resolve()
  }
  const second = await openLocal({ folder, onFatal })
  // All pages but the first are overwritten behind the store's back.
  const file = openSync(join(folder, 'godwit.db'), 'r+')
  writeSync(file, Buffer.alloc(statSync(join(folder, 'godwit.db')).size - 4096, 0xa5), 0, undefined, 4096)
  closeSync(file)
  await expect(second.messageLog.heads(['c_00room'])).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  await fatal.promise
  await expect(second.messageLog.append('c_00room', 1, [say('after')])).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  expect(told).toHaveLength(1)
  await second.close()
  remove()
})
