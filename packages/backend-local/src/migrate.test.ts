import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'
import { expect, onTestFinished, test } from 'vitest'
import { knownSchema, schemaOf } from './migrate.ts'
import { openLocal } from './open-local.ts'
import { toSchema3 } from './testing/older-schema.ts'
import { temporaryFolder, throwIt } from './testing/temporary.ts'

const texts = ['Wer bringt die Leiter mit?', 'Yo la traigo 🪜', '九點在門口見', 'ok']
const said = texts.map((text, nth): NewEntry => {
  const id = `7123456789012345${100 + nth}`
  return {
    messageId: id,
    at: 1_795_366_111_200,
    senderId: 'u_ana',
    clientMsgId: id,
    bodyHash: 'c0ffee',
    content: { kind: 'message', text },
  }
})

/** A folder of schema 3 in which a few things were said; answers what opens its database. */
async function olderFolder(harm: string) {
  const { folder, remove } = temporaryFolder()
  const { messageLog, close } = await openLocal({ folder, onFatal: throwIt })
  await messageLog.append('c_00room', 0, said)
  await close()
  const file = join(folder, 'godwit.db')
  const db = new DatabaseSync(file)
  toSchema3(db)
  db.exec(harm)
  db.close()
  onTestFinished(remove)
  return { folder, file }
}

function ask(file: string, question: string): unknown {
  using db = new DatabaseSync(file, { readOnly: true })
  return db.prepare(question).get()
}

test('an older folder is told of before it is brought up to date, a new one is not', async () => {
  const { folder } = await olderFolder('')
  const told: number[] = []
  const open = () => openLocal({ folder, onFatal: throwIt, onOlder: (schema) => told.push(schema) })
  const backend = await open()
  // All of it was written twice: the log would stay that long.
  expect(statSync(join(folder, 'godwit.db-wal')).size).toBe(0)
  await backend.close()
  await (await open()).close()
  expect(told).toEqual([3])
})

test('[L3] entries that are damaged are not copied into a new key: the folder is refused, and left as it was', async () => {
  const { folder, file } = await olderFolder(`UPDATE entries SET content = '{"text":"Yo la rraigo 🪜"}' WHERE seq = 2`)
  const start = () => openLocal({ folder, onFatal: throwIt })
  await expect(start()).rejects.toMatchObject({ name: 'DataFolderError', code: 'DAMAGED' })
  await expect(start()).rejects.toThrow(/1 entries are not as they were stored.*godwit restore/)
  using db = new DatabaseSync(file, { readOnly: true })
  expect(schemaOf(db)).toBe(3)
  expect(db.prepare('SELECT count(*) AS entries FROM entries').get()).toEqual({ entries: 4 })
})

test('no position is given twice, also where the newest entries are gone before the table is made anew', async () => {
  const { folder, file } = await olderFolder('DELETE FROM entries WHERE seq > 2')
  const { messageLog, close } = await openLocal({ folder, onFatal: throwIt })
  await messageLog.append('c_00room', 2, said.slice(2))
  await close()
  expect(ask(file, 'SELECT max(position) AS newest FROM entries')).toEqual({ newest: 6 })
  expect(ask(file, 'SELECT version FROM schema_version')).toEqual({ version: knownSchema })
})
