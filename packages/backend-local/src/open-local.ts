import { mkdirSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { MessageChannel, Worker } from 'node:worker_threads'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import { inProcessBus } from '@godwit/server/ports/in-process-bus.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import { localAccounts } from './accounts.ts'
import type { Checkpoints } from './checkpoint-thread.ts'
import { systemClock } from './clock.ts'
import { localConversations } from './conversations.ts'
import { localCursors } from './cursors.ts'
import { databaseIn, explained } from './data-folder.ts'
import { checkpoint, openWriter } from './database.ts'
import { localDevices } from './devices.ts'
import { localErasures } from './erasures.ts'
import { localEventStream } from './event-stream.ts'
import { lockFolder } from './folder-lock.ts'
import { localInbox } from './inbox.ts'
import { earliestTime, keepTime } from './kept-time.ts'
import { localMessageLog } from './message-log.ts'
import { migrate } from './migrate.ts'
import type { Reads } from './reader-procedures.ts'
import { Remote } from './rpc.ts'
import { localSightings } from './sightings.ts'
import type { ThreadData } from './thread-context.ts'
import { localVault } from './vault.ts'
import { assertWholeWal } from './whole-wal.ts'
import type { Writes } from './writer-procedures.ts'

export interface LocalOptions {
  /** Made when it is not there, for this user alone. */
  readonly folder: string
  /**
   * The store has failed (I/O error, corruption): what it holds is unknown until it is opened again. Called once; the process
   * must exit. Every call under way and every later one is rejected with UNKNOWN_OUTCOME.
   */
  readonly onFatal: (error: Error) => void
  /** The folder is of an older schema, and is brought up to date before anything else: that may take minutes. */
  readonly onOlder?: (schema: number) => void
}

export interface LocalBackend extends Ports {
  readonly clock: Clock
  /** Transactions since the start: appends by this is the size of a group commit. */
  commits(): number
  /** Finishes the writes that wait, empties the write-ahead log and ends the threads. Later calls are refused with DRAINING. */
  close(): Promise<void>
}

/**
 * Opens the data folder: `godwit.db` with its write-ahead log, and `godwit.lock`. Throws `FolderInUseError`, `NewerSchemaError` and
 * `DamagedStoreError`, and `DataFolderError` where it is older and cannot be brought up to date. For a server that runs a full disk is
 * not fatal: writes are refused with STORAGE_FULL until there is room.
 */
export async function openLocal({ folder, onFatal, onOlder }: LocalOptions): Promise<LocalBackend> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  try {
    const file = databaseIn(folder)
    assertWholeWal(file)
    // Stays open until the threads have opened theirs: the last connection to close would copy the whole write-ahead log.
    using db = openWriter(file)
    bringUpToDate(db, file, onOlder)
    return await start(file, earliestTime(db), onFatal, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

function bringUpToDate(db: DatabaseSync, file: string, onOlder?: (schema: number) => void): void {
  try {
    // The log of it is longer than all that was there before, and would stay so while the server runs.
    if (migrate(db, onOlder)) checkpoint(db, 'TRUNCATE')
  } catch (error) {
    throw explained(error, file)
  }
}

async function start(file: string, notBefore: number, onFatal: (error: Error) => void, release: () => void): Promise<LocalBackend> {
  let isOpen = false
  const onLost = (error: Error) => {
    for (const remote of remotes) remote.fail(error)
    if (isOpen) onFatal(error)
    isOpen = false
  }
  const { port1, port2 } = new MessageChannel()
  const writer = new Remote<Writes>(spawn(new URL('./writer-thread.ts', import.meta.url), { file, checkpoints: port1 }), onLost)
  const reader = new Remote<Reads>(spawn(new URL('./reader-thread.ts', import.meta.url), { file, checkpoints: null }), onLost)
  const checkpointer = new Remote<Checkpoints>(
    spawn(new URL('./checkpoint-thread.ts', import.meta.url), { file, checkpoints: port2 }),
    onLost,
  )
  const remotes = [writer, reader, checkpointer] as const
  try {
    await Promise.all(remotes.map((remote) => remote.opened))
  } catch (error) {
    await Promise.all(remotes.map((remote) => remote.terminate()))
    throw error
  }
  isOpen = true

  const threads = { writer, reader }
  const clock = systemClock(notBefore)
  const stopKeeping = keepTime(clock, threads)
  return {
    messageLog: localMessageLog(threads),
    eventStream: localEventStream(threads),
    conversations: localConversations(threads),
    inbox: localInbox(threads),
    cursors: localCursors(threads),
    accounts: localAccounts(threads),
    devices: localDevices(threads),
    sightings: localSightings(threads),
    erasures: localErasures(threads, checkpointer),
    vault: localVault(threads),
    bus: inProcessBus(),
    clock,
    commits: () => writer.answered,
    async close() {
      stopKeeping()
      await Promise.all([reader.close(), checkpointer.close()])
      await writer.close()
      release()
    },
  }
}

function spawn(entry: URL, data: ThreadData): Worker {
  const resourceLimits = { maxYoungGenerationSizeMb: limits.storeYoungGenerationBytesMax / 2 ** 20 }
  return new Worker(entry, { workerData: data, transferList: data.checkpoints ? [data.checkpoints] : [], execArgv: [], resourceLimits })
}
