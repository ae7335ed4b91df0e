import { checkpoint, openWriter } from './database.ts'
import { groupCommit } from './group-commit.ts'
import type { KnownHeads } from './message-log-writes.ts'
import { NewNames } from './names.ts'
import { serve } from './serve.ts'
import { threadContext } from './thread-context.ts'
import { writerProcedures } from './writer-procedures.ts'

const { file, port, checkpoints } = threadContext()
const db = openWriter(file)
const names = new NewNames(db)
const heads: KnownHeads = new Map()

serve(
  port,
  groupCommit(db, writerProcedures(db, names, heads), () => {
    names.forget()
    heads.clear()
  }),
  () => {
    checkpoints?.close()
    checkpoint(db, 'TRUNCATE')
    db.close()
  },
)

// The checkpointer has copied almost all of the log. Only between two commits can the rest be copied and the log begin anew.
checkpoints?.on('message', () => checkpoint(db, 'PASSIVE'))
checkpoints?.unref()
