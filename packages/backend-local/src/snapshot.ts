import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Ports } from '@godwit/server/ports/ports.ts'
import { localAccounts } from './accounts.ts'
import { localConversations } from './conversations.ts'
import { localCursors } from './cursors.ts'
import { DataFolderError, databaseIn, explained } from './data-folder.ts'
import { openReader } from './database.ts'
import { localDevices } from './devices.ts'
import { localErasures } from './erasures.ts'
import { localMessageLog } from './message-log.ts'
import { knownSchema, schemaOf } from './migrate.ts'
import { Names } from './names.ts'
import { type Reads, readerProcedures } from './reader-procedures.ts'
import type { Remote } from './rpc.ts'

/** The ports that keep something of users. */
export type UserPorts = Pick<Ports, 'accounts' | 'devices' | 'conversations' | 'cursors' | 'messageLog' | 'erasures'>

/**
 * The data as it is at this moment, read in this thread, also beside a server that goes on serving. Writes are refused.
 * Throws `DataFolderError`.
 */
export function openSnapshot(folder: string): UserPorts & Disposable {
  mustHoldData(folder)
  const file = databaseIn(folder)
  const db = beginReading(file, folder)
  const procedures = readerProcedures(db, new Names(db))
  const reader: Pick<Remote<Reads>, 'call'> = {
    async call(name, ...args) {
      const procedure = procedures[name] as (...given: typeof args) => ReturnType<Reads[typeof name]>
      try {
        return procedure(...args)
      } catch (error) {
        throw explained(error, file)
      }
    },
  }
  const refused = { call: () => Promise.reject(new Error('a snapshot is only read')) }
  const threads = { reader, writer: refused }
  return {
    accounts: localAccounts(threads),
    devices: localDevices(threads),
    conversations: localConversations(threads),
    cursors: localCursors(threads),
    messageLog: localMessageLog(threads),
    erasures: localErasures(threads, refused),
    [Symbol.dispose]: () => db.close(),
  }
}

function beginReading(file: string, folder: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    db = openReader(file)
    mustBeCurrent(schemaOf(db), folder)
    db.exec('BEGIN')
    return db
  } catch (error) {
    db?.close()
    throw explained(error, file)
  }
}

export function mustHoldData(folder: string): void {
  if (!existsSync(databaseIn(folder)))
    throw new DataFolderError('NO_DATA', `There is no data in ${folder}. GODWIT_DATA names the folder of the server.`)
}

/** Only `openLocal` may bring an older database up to date: it alone has the folder for itself. */
export function mustBeCurrent(schema: number | null, folder: string): void {
  if (schema === knownSchema) return
  throw new DataFolderError(
    'OTHER_SCHEMA',
    `The data in ${folder} is of another version of Godwit (schema ${schema}; this one has ${knownSchema}). Start the server of this version on it first.`,
  )
}
