import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { databaseIn } from './data-folder.ts'
import { requestErasure } from './request-erasure.ts'
import { openSnapshot } from './snapshot.ts'
import { temporaryFolder } from './testing/temporary.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)

test('commands on a folder whose database is none say that it is damaged', () => {
  const data = join(folder, 'data')
  mkdirSync(data)
  writeFileSync(databaseIn(data), 'Dear diary, the knots are back on the mud flats. '.repeat(100))
  const refused = expect.objectContaining({ code: 'DAMAGED', message: expect.stringContaining(databaseIn(data)) })
  expect(() => openSnapshot(data)).toThrow(refused)
  expect(() => requestErasure(data, 'u_ana', 1)).toThrow(refused)
})
