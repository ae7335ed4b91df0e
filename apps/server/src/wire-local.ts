/** The `local` profile: one process, SQLite in the data folder. The only file that knows `backend-local`. */
import { DataFolderError } from '@godwit/backend-local/data-folder.ts'
import { FolderInUseError } from '@godwit/backend-local/folder-lock.ts'
import { NewerSchemaError } from '@godwit/backend-local/migrate.ts'
import { type LocalOptions, openLocal } from '@godwit/backend-local/open-local.ts'
import { DamagedStoreError } from '@godwit/backend-local/whole-wal.ts'
import { StartError } from './start-error.ts'
import type { Wiring } from './wiring.ts'

const refusals = [FolderInUseError, NewerSchemaError, DamagedStoreError, DataFolderError]

/** Throws `StartError` where the folder is in use, full, not writable, damaged, or of a newer version. */
export async function wireLocal(options: LocalOptions): Promise<Wiring> {
  try {
    return { profile: 'local', worker: 0, ...(await openLocal(options)) }
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) throw new StartError((error as Error).message)
    const { code, message } = error as NodeJS.ErrnoException
    if (code && ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST'].includes(code))
      throw new StartError(`GODWIT_DATA: the folder ${options.folder} cannot be used: ${message}`)
    throw error
  }
}
