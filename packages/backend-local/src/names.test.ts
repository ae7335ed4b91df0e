import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openWriter } from './database.ts'
import { migrate } from './migrate.ts'
import { Names, NewNames } from './names.ts'
import { temporaryFolder } from './testing/temporary.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)

test('[L2] a number that nobody has, of a flipped bit, is not remembered: whoever is given it later is who they are', () => {
  using db = openWriter(join(folder, 'godwit.db'))
  migrate(db)
  const [reader, writer] = [new Names(db), new NewNames(db)]
  const first = writer.idFor('u_ana')
  expect(reader.nameOf(first + 1)).toBe('undefined')
  expect(reader.idOf('undefined')).toBeNull()
  expect(writer.idFor('u_千夏')).toBe(first + 1)
  expect(reader.nameOf(first + 1)).toBe('u_千夏')
})
