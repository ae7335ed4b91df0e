import { limits } from '@godwit/protocol/limits.ts'
import { busyTimeoutMs, checkpoint, openWriter } from './database.ts'
import { runAlone, serve } from './serve.ts'
import { threadContext } from './thread-context.ts'

/**
 * Copies the write-ahead log into the database beside the writer, so that no append waits for it. A passive checkpoint blocks
 * neither reads nor writes, but under load it never ends at the log's end, and the log grows. When it has grown too long, a
 * second pass copies what came during the first, and the writer is asked to copy the little that is left.
 */
const { file, port, checkpoints } = threadContext()
const db = openWriter(file)
const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.page_size)

const timer = setInterval(() => {
  if ((checkpoint(db, 'PASSIVE') ?? 0) * pageBytes <= limits.walBytesMax) return
  checkpoint(db, 'PASSIVE')
  checkpoints?.postMessage('finish')
}, limits.checkpointIntervalMs)

const procedures = {
  /** Copies all of the log and cuts it off. Throws where somebody reads for long (a backup, say): no append may wait for that. */
  emptyLog(): void {
    checkpoint(db, 'PASSIVE')
    db.exec('PRAGMA busy_timeout = 200')
    const left = checkpoint(db, 'TRUNCATE')
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    if (left !== 0) throw new Error('the write-ahead log is in use')
  },
}

export type Checkpoints = typeof procedures

serve(
  port,
  (requests) => requests.map((request) => runAlone(procedures, request)),
  () => {
    clearInterval(timer)
    checkpoints?.close()
    db.close()
  },
)
