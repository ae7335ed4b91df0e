import { openReader } from './database.ts'
import { groupRead } from './group-commit.ts'
import { Names } from './names.ts'
import { readerProcedures } from './reader-procedures.ts'
import { serve } from './serve.ts'
import { threadContext } from './thread-context.ts'

const { file, port } = threadContext()
const db = openReader(file)

serve(port, groupRead(db, readerProcedures(db, new Names(db))), () => db.close())
