/**
 * `godwit erase`: asks for the erasure of a user, and waits until it is done. Where a server runs on the folder, its worker does it;
 * else this process does.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { UserId } from '@godwit/protocol/ids.ts'
import { createChat } from '@godwit/server/chat/create-chat.ts'
import type { Delivery } from '@godwit/server/ports/delivery.ts'
import type { Erasure } from '@godwit/server/ports/erasures.ts'
import { Eraser } from '@godwit/server/worker/eraser.ts'
import { Sweep } from '@godwit/server/worker/sweep.ts'
import { openIfFree, openSnapshot, requestErasure } from '../wire-data-folder.ts'
import type { Wiring } from '../wiring.ts'
import { dataFolder } from './data-folder.ts'
import { CliError, printLine, progressPrinter } from './output.ts'
import { userOf } from './user-of.ts'

const lookEveryMs = 250

export async function erase(user: string): Promise<void> {
  const folder = dataFolder()
  const wiring = await openIfFree(folder, failed)
  const { userId, messages, doneAt } = wiring ? await eraseHere(wiring, user) : await eraseByServer(folder, user)
  printLine({ userId, messages, erasedAt: new Date(doneAt ?? 0).toISOString(), by: wiring ? 'this command' : 'the server' })
}

async function eraseHere(wiring: Wiring, user: string): Promise<Erasure> {
  try {
    const { userId } = await userOf(wiring, user)
    await wiring.erasures.request(userId, wiring.clock.now())
    const errors: unknown[] = []
    const onError = (error: unknown) => errors.push(error)
    const deps = { ...wiring, log: wiring.messageLog, events: wiring.eventStream, onError }
    // What a crash left unprojected would be overlooked.
    const sweep = new Sweep(deps)
    await sweep.start()
    await sweep.stop()
    const chat = await createChat({ ...deps, delivery: nobody })
    await new Eraser({ ...wiring, chat, onError }).round()
    const erasure = await wiring.erasures.get(userId)
    if (!erasure || erasure.doneAt === null) throw errors[0] ?? new Error('the erasure has not ended')
    return erasure
  } finally {
    await wiring.close()
  }
}

async function eraseByServer(folder: string, user: string): Promise<Erasure> {
  const userId = await idOf(folder, user)
  requestErasure(folder, userId, Date.now())
  const progress = progressPrinter()
  for (;;) {
    const erasure = await progressOf(folder, userId)
    if (!erasure) throw new CliError('INTERNAL', `the erasure of ${userId} was not kept`)
    if (erasure.doneAt !== null) return erasure
    progress({ userId, messages: erasure.messages, waitingFor: 'the server; it goes on without this command, and after a restart' })
    await sleep(lookEveryMs)
  }
}

/** Read and let go: as long as somebody reads, the server cannot empty its write-ahead log of what was erased. */
async function progressOf(folder: string, userId: UserId): Promise<Erasure | null> {
  using snapshot = openSnapshot(folder)
  return await snapshot.erasures.get(userId)
}

async function idOf(folder: string, user: string): Promise<UserId> {
  using snapshot = openSnapshot(folder)
  return (await userOf(snapshot, user)).userId
}

/** Nobody is connected to this process. */
const nobody: Delivery = { entries() {}, toUser() {}, toWatchers() {}, isWatched: () => false }

function failed(error: Error): void {
  process.stderr.write(`${JSON.stringify({ code: 'STORE_FAILED', message: error.message })}\n`)
  process.exit(1)
}
