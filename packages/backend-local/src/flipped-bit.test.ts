import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EntryContent } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkpoint, isStoreLost, openReader, openWriter } from './database.ts'
import { newRowsOf } from './entry-row.ts'
import { migrate } from './migrate.ts'
import { Names } from './names.ts'
import { openLocal } from './open-local.ts'
import { readerProcedures } from './reader-procedures.ts'
import { temporaryFolder, throwIt } from './testing/temporary.ts'
import { assertWholeWal, DamagedStoreError } from './whole-wal.ts'
import { createWriter } from './writer-procedures.ts'

const people: readonly UserId[] = ['u_ana', 'u_бор', 'u_千夏']
const conversations: readonly ConversationId[] = ['c_00harbour', 'c_00dunes']
const texts = ['Zugvögel über Sylt 🐦', '明日の朝、干潟で', 'ما أجملها من طيور', 'const flock = birds.filter(b => b.isGodwit)']
const entriesEach = 60

const { folder, remove } = temporaryFolder()
const file = join(folder, 'godwit.db')
let sound: Buffer

beforeAll(() => {
  using db = openWriter(file)
  migrate(db)
  const { append } = createWriter(db).procedures
  db.exec('BEGIN')
  for (const [nth, conversationId] of conversations.entries())
    for (let head = 0; head < entriesEach; head++) {
      const ids = {
        messageId: String(7_000_000_000_000_000_000n + BigInt(nth * 1_000 + head)),
        clientMsgId: `note-${head}`,
        bodyHash: 'c0ffee',
      }
      const entry = { ...ids, at: 1_790_000_000_000 + head, senderId: people[head % 3] as UserId, content: contentAt(head + 1) }
      append(conversationId, head, newRowsOf([entry]))
    }
  db.exec('COMMIT')
  checkpoint(db, 'TRUNCATE')
  sound = readFileSync(file)
})
afterAll(remove)

function contentAt(seq: number): EntryContent {
  const text = `${texts[seq % texts.length]} ${seq}`
  if (seq === 1)
    return {
      kind: 'created',
      conversation: 'group',
      name: 'Ringelgänse',
      members: people.map((userId) => ({ userId, role: 'member' })),
      history: 'all',
    }
  if (seq % 20 === 0) return { kind: 'renamed', name: text }
  if (seq % 10 === 0) return { kind: 'edit', target: seq - 1, text }
  if (seq % 15 === 0) return { kind: 'reaction', target: seq - 1, emoji: '🪶', on: true }
  return { kind: 'message', text }
}

/** Whatever a device or the server itself asks of the log: each question with its answer, or the code of its refusal. */
function ask(): readonly (readonly [question: string, answer: string])[] {
  const db = openReader(file)
  try {
    const reads = readerProcedures(db, new Names(db))
    const whole = { from: 1, to: 1e9, limit: 1e9, direction: 'up' } as const
    const questions = conversations.flatMap((id): [string, () => unknown][] => [
      [`all of ${id}`, () => reads.read(id, whole)],
      [`the newest of ${id}`, () => reads.read(id, { ...whole, limit: 5, direction: 'down' })],
      [`the head of ${id}`, () => reads.heads([id])],
      [`the members of ${id}`, () => reads.membershipEntries(id, 0, entriesEach)],
      [
        `known ids of ${id}`,
        () =>
          reads.find(
            id,
            people.flatMap((senderId) => [0, 1, 2, 30].map((n) => ({ senderId, clientMsgId: `note-${n}` }))),
          ),
      ],
    ])
    const streams = [
      ['the stream', () => reads.lookThrough('0', 1e9, [])],
      ['the stream, of few kinds', () => reads.lookThrough('0', 1e9, ['message', 'edit', 'reaction'])],
    ] as const
    return [...questions, ...streams].map(([question, answer]) => [question, answered(answer)])
  } finally {
    db.close()
  }
}

function answered(answer: () => unknown): string {
  try {
    return JSON.stringify(answer())
  } catch (error) {
    return refusalOf(error)
  }
}

const refusalOf = (error: unknown) => {
  if (error instanceof GodwitError) return error.code
  if (isStoreLost(error)) return 'lost'
  // A number beyond 2^53: the driver refuses it, and the caller is told INTERNAL.
  if (error instanceof RangeError && 'code' in error) return String(error.code)
  throw error
}

/** The file with one bit flipped; every run flips the same. */
function flip(bytes: Buffer, nth: number): Buffer {
  const flipped = Buffer.from(bytes)
  const at = (nth * 7_919) % bytes.length
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (nth % 8))
  return flipped
}

test('[L2] a flipped bit anywhere in the database: what is served of the log is as it was stored, or it is refused', {
  timeout: 120_000,
}, () => {
  const truth = new Map(ask())
  const outcomes = { same: 0, refused: 0, unreadable: 0 }
  for (let nth = 0; nth < 200; nth++) {
    writeFileSync(file, flip(sound, nth))
    let answers: ReturnType<typeof ask>
    try {
      answers = ask()
    } catch {
      outcomes.unreadable++
      continue
    }
    for (const [question, answer] of answers) {
      const isSame = answer === truth.get(question)
      outcomes[isSame ? 'same' : 'refused']++
      // The one thing that cannot be noticed where it happens: an index that has lost a client message id. A backup reads everything and finds it.
      const isMissed = question.startsWith('known ids') && answer.includes('null')
      if (!isSame && !isMissed) expect(answer, `flip ${nth}, ${question}`).toMatch(/^(STORAGE_DAMAGED|lost|ERR_OUT_OF_RANGE)$/)
    }
  }
  // Free space and tables that nothing was asked of are most of so small a file.
  expect(outcomes.refused).toBeGreaterThan(20)
  expect(outcomes.unreadable).toBeGreaterThan(3)
})

test('[L4] a flipped bit in the write-ahead log stops the start, for commits behind it would be forgotten', async () => {
  const { folder: other, remove: removeOther } = temporaryFolder()
  const [database, wal] = [join(other, 'godwit.db'), join(other, 'godwit.db-wal')]
  const db = openWriter(database)
  migrate(db)
  const { append } = createWriter(db).procedures
  checkpoint(db, 'TRUNCATE')
  for (let head = 0; head < 8; head++) {
    const ids = { messageId: String(head), clientMsgId: `m-${head}`, bodyHash: 'c0', at: head, senderId: 'u_ana' } as const
    append('c_00dunes', head, newRowsOf([{ ...ids, content: contentAt(head + 1) }]))
  }
  const [soundDatabase, soundWal] = [readFileSync(database), readFileSync(wal)]
  db.close()

  const startsOn = (bytes: Buffer) => {
    writeFileSync(database, soundDatabase)
    writeFileSync(wal, bytes)
    return () => assertWholeWal(database)
  }
  expect(startsOn(soundWal)).not.toThrow()
  // Torn by a crash: the last commit was never answered.
  expect(startsOn(soundWal.subarray(0, soundWal.length - 3_000))).not.toThrow()
  const frameBytes = 4_096 + 24
  for (const at of [0, 3, 17, 25, 32 + 9, 32 + 17, 32 + 100, 32 + frameBytes * 3 + 2_000, 32 + frameBytes * 7 + 20]) {
    const flipped = Buffer.from(soundWal)
    flipped[at] = (flipped[at] ?? 0) ^ 4
    expect(startsOn(flipped), `byte ${at}`).toThrow(DamagedStoreError)
    expect(readFileSync(wal).equals(flipped), 'the log is left as it was found').toBe(true)
  }
  await expect(openLocal({ folder: other, onFatal: throwIt })).rejects.toThrow(DamagedStoreError)
  removeOther()
})
