import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { anyRefreshToken, type DeviceRecord } from '@godwit/server/ports/accounts.ts'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { backUp } from './backup.ts'
import { databaseIn } from './data-folder.ts'
import { FolderInUseError } from './folder-lock.ts'
import { type LocalBackend, openLocal } from './open-local.ts'
import { restoreBackup } from './restore.ts'
import { smallDisk } from './testing/small-disk.ts'
import { temporaryFolder, throwIt } from './testing/temporary.ts'

const now = Date.UTC(2026, 4, 17, 3, 15)
const refusedAs = (code: string) => expect.objectContaining({ code })
const reef: ConversationId = 'c_00reef'
const whole = { from: 1, to: 1e9, limit: 1e9, direction: 'up' } as const

let base: string
let data: string
let end: () => void
beforeEach(() => {
  const { folder, remove } = temporaryFolder()
  base = folder
  data = join(folder, 'data')
  end = remove
})
afterEach(() => end())

const open = (folder = data) => openLocal({ folder, onFatal: throwIt })
const back = (target: string, folder = data) => backUp({ folder, target, now, onProgress() {} })

function say(seq: number): NewEntry {
  const content = { kind: 'message', text: `${seq}: 砂洲で待つ ${'🐦'.repeat(200)}` } as const
  return { messageId: String(seq), at: seq, senderId: 'u_ana', clientMsgId: `m-${seq}`, bodyHash: 'c0ffee', content }
}

async function talk(backend: LocalBackend, from: number, to: number): Promise<void> {
  for (let seq = from; seq <= to; seq += limits.appendEntriesMax) {
    const batch = Array.from({ length: Math.min(limits.appendEntriesMax, to - seq + 1) }, (_, index) => say(seq + index))
    await backend.messageLog.append(reef, seq - 1, batch)
  }
}

/** Answers a folder with some talk in it, closed. */
async function closedFolder(messages = 20): Promise<string> {
  const backend = await open()
  await talk(backend, 1, messages)
  await backend.close()
  return data
}

describe('backup', () => {
  test('[L4] what was acknowledged before it began is in it, whole, while the server goes on appending', async () => {
    const backend = await open()
    await backend.vault.getOrCreate('epoch', () => 'the old one')
    await talk(backend, 1, 3_000)
    let acked = 3_000
    let stop = false
    const goOn = (async () => {
      for (; !stop; acked++) await backend.messageLog.append(reef, acked, [say(acked + 1)])
    })()
    const steps: number[] = []
    const ackedBefore = acked
    const { file, messages, bytes, schema, conversations } = await backUp({
      folder: data,
      target: base,
      now,
      onProgress: (done) => steps.push(done),
    })
    const ackedAfter = acked
    stop = true
    await goOn
    await backend.close()

    expect(file).toBe(join(base, 'godwit-20260517T031500Z.db'))
    expect(messages).toBeGreaterThanOrEqual(ackedBefore)
    expect(messages).toBeLessThanOrEqual(ackedAfter + 1)
    expect({ bytes, conversations }).toEqual({ bytes: statSync(file).size, conversations: 1 })
    expect(schema).toBeGreaterThan(0)
    expect(steps.length).toBeGreaterThan(1)
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(base).sort()).toEqual(['data', 'godwit-20260517T031500Z.db'])
  })

  test('it replaces nothing, and says where there is no data', async () => {
    await expect(back(join(base, 'one.db'))).rejects.toEqual(refusedAs('NO_DATA'))
    await closedFolder()
    await back(join(base, 'one.db'))
    const before = readFileSync(join(base, 'one.db'))
    await expect(back(join(base, 'one.db'))).rejects.toEqual(refusedAs('TARGET_EXISTS'))
    expect(readFileSync(join(base, 'one.db')).equals(before)).toBe(true)
    await expect(back(join(base, 'no such folder', 'one.db'))).rejects.toEqual(refusedAs('UNUSABLE_PATH'))
  })

  test('a folder that is not there gets no file of its name: the backup of the next night would find it taken', async () => {
    await closedFolder()
    await expect(back(`${join(base, 'nightly')}/`)).rejects.toEqual(refusedAs('UNUSABLE_PATH'))
    expect(readdirSync(base)).toEqual(['data'])
  })

  test('a flipped byte in what is stored is found: a damaged copy is no backup', async () => {
    await closedFolder(400)
    const bytes = readFileSync(databaseIn(data))
    // In the middle of a page of entries: a cell that points nowhere.
    bytes.fill(0xff, 4096 * 40, 4096 * 40 + 64)
    writeFileSync(databaseIn(data), bytes)
    await expect(back(join(base, 'one.db'))).rejects.toEqual(refusedAs('DAMAGED'))
    expect(readdirSync(base)).toEqual(['data'])
  })

  test('an entry that is not as it was stored is found', async () => {
    await closedFolder()
    {
      using db = new DatabaseSync(databaseIn(data))
      db.exec(`UPDATE entries SET content = replace(content, 'e', 'a') WHERE seq = 7`)
    }
    await expect(back(join(base, 'one.db'))).rejects.toEqual(refusedAs('DAMAGED'))
    {
      using db = new DatabaseSync(databaseIn(data))
      db.exec(`UPDATE entries SET content = replace(content, 'a', 'e'), sender = sender + 1024 WHERE seq = 7`)
    }
    await expect(back(join(base, 'one.db'))).rejects.toEqual(refusedAs('DAMAGED'))
  })

  test('[L2] a log with a gap is found', async () => {
    await closedFolder()
    {
      using db = new DatabaseSync(databaseIn(data))
      db.exec('DELETE FROM entries WHERE seq = 7')
    }
    await expect(back(join(base, 'one.db'))).rejects.toEqual(refusedAs('DAMAGED'))
    expect(readdirSync(base)).toEqual(['data'])
  })

  test('a full disk is told, and holds no half backup', async (context) => {
    const disk = smallDisk(1)
    if ('reason' in disk) return context.skip(disk.reason)
    try {
      await closedFolder(2_000)
      await expect(back(disk.folder)).rejects.toEqual(refusedAs('STORAGE_FULL'))
      expect(readdirSync(disk.folder)).toEqual([])
    } finally {
      disk.unmount()
    }
  })

  test('one that is interrupted leaves nothing', async () => {
    await closedFolder(2_000)
    const interrupted = new Error('SIGINT')
    const given = backUp({
      folder: data,
      target: base,
      now,
      onProgress() {
        throw interrupted
      },
    })
    await expect(given).rejects.toBe(interrupted)
    expect(readdirSync(base)).toEqual(['data'])
  })
})

describe('restore', () => {
  const device: DeviceRecord = {
    deviceId: 'd_phone',
    userId: 'u_ana',
    name: 'Ana’s phone 📱',
    createdAt: 1,
    lastSeenAt: null,
    revokedAt: null,
    refreshHash: 'aa',
    previousHashes: [],
    rotatedAt: 1,
    expiresAt: 9e15,
  }

  async function backup(): Promise<string> {
    const backend = await open()
    await backend.vault.getOrCreate('epoch', () => 'the old one')
    await backend.vault.getOrCreate('access-token-key', () => 'kept')
    await backend.devices.add(device)
    await backend.devices.add({ ...device, deviceId: 'd_outside', refreshHash: '' })
    await talk(backend, 1, 20)
    const { file } = await back(base)
    await backend.close()
    return file
  }

  test('[L7] everything is there again, under another epoch, and only this user may read it', async () => {
    const file = await backup()
    chmodSync(file, 0o444)
    const folder = join(base, 'new', 'data')
    const { epoch, messages } = await restoreBackup(file, folder)
    expect(messages).toBe(20)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(databaseIn(folder)).mode & 0o777).toBe(0o600)

    const restored = await open(folder)
    expect((await restored.messageLog.read(reef, whole)).entries).toHaveLength(20)
    expect(await restored.vault.getOrCreate('epoch', () => '')).toBe(epoch)
    expect(epoch).not.toBe('the old one')
    expect(await restored.vault.getOrCreate('access-token-key', () => '')).toBe('kept')
    await talk(restored, 21, 25)
    await restored.close()
  })

  test('[T3] a device goes on with the token it holds; one of an outside issuer has none', async () => {
    const folder = join(base, 'new')
    await restoreBackup(await backup(), folder)
    const restored = await open(folder)
    expect(await restored.devices.get('d_phone')).toEqual({ ...device, refreshHash: anyRefreshToken })
    expect(await restored.devices.get('d_outside')).toMatchObject({ refreshHash: '' })
    await restored.close()
  })

  test('a folder that holds data is left as it is, with a server on it or without', async () => {
    const file = await backup()
    await expect(restoreBackup(file, data)).rejects.toEqual(refusedAs('NOT_EMPTY'))
    const backend = await open()
    await expect(restoreBackup(file, data)).rejects.toThrow(FolderInUseError)
    expect((await backend.messageLog.read(reef, whole)).entries).toHaveLength(20)
    await backend.close()
  })

  test('what is no backup, is damaged or comes from a newer version restores nothing', async () => {
    const file = await backup()
    const other = join(base, 'other.db')
    const folder = join(base, 'new')
    const refusal = async () => {
      const code = await restoreBackup(other, folder).then(
        () => null,
        (error) => error.code,
      )
      expect(existsSync(folder) ? readdirSync(folder) : []).not.toContain('godwit.db')
      return code
    }
    expect(await refusal()).toBe('UNUSABLE_PATH')
    writeFileSync(other, 'Dear diary, the knots are back on the mud flats.')
    expect(await refusal()).toBe('NO_BACKUP')
    writeFileSync(other, readFileSync(file).subarray(0, 8_192))
    expect(await refusal()).toBe('DAMAGED')
    writeFileSync(other, readFileSync(file))
    {
      using db = new DatabaseSync(other)
      db.exec('UPDATE schema_version SET version = 9999')
    }
    expect(await refusal()).toBe('OTHER_SCHEMA')
  })

  test('[L4] a database whose write-ahead log lies beside it is no backup: what the log holds would be left out', async () => {
    await closedFolder()
    const backend = await open()
    await talk(backend, 21, 40)
    const killed = join(base, 'data-broken')
    cpSync(data, killed, { recursive: true })
    await backend.close()
    await expect(restoreBackup(databaseIn(killed), join(base, 'new'))).rejects.toEqual(refusedAs('NO_BACKUP'))
    expect(existsSync(databaseIn(join(base, 'new')))).toBe(false)
  })

  test('what a kill in the middle left is no data: the next restore starts over', async () => {
    const file = await backup()
    const folder = join(base, 'new')
    mkdirSync(folder)
    writeFileSync(`${databaseIn(folder)}.part`, readFileSync(file).subarray(0, 5_000))
    writeFileSync(`${databaseIn(folder)}.part-journal`, 'half')
    await restoreBackup(file, folder)
    expect(readdirSync(folder).sort()).toEqual(['godwit.db', 'godwit.lock'])
  })
})
