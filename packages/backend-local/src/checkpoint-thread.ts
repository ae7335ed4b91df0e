import { limits } from '@godwit/protocol/limits.ts'
import { checkpoint, openWriter } from './database.ts'
import { serve } from './serve.ts'
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

serve(
  port,
  () => [],
  () => {
    clearInterval(timer)
    checkpoints?.close()
    db.close()
  },
)
