import { checkpoint, openWriter } from './database.ts'
import { groupCommit } from './group-commit.ts'
import { serve } from './serve.ts'
import { threadContext } from './thread-context.ts'
import { createWriter } from './writer-procedures.ts'

const { file, port, checkpoints } = threadContext()
const db = openWriter(file)
const writer = createWriter(db)

serve(
  port,
  groupCommit(db, writer.procedures, () => writer.forget()),
  () => {
    checkpoints?.close()
    checkpoint(db, 'TRUNCATE')
    db.close()
  },
)

// The checkpointer has copied almost all of the log. Only between two commits can the rest be copied and the log begin anew.
checkpoints?.on('message', () => checkpoint(db, 'PASSIVE'))
checkpoints?.unref()
