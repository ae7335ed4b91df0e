/** The `local` profile: one process, SQLite in the data folder. The only file that knows `backend-local`. */
import { FolderInUseError } from '@godwit/backend-local/folder-lock.ts'
import { NewerSchemaError } from '@godwit/backend-local/migrate.ts'
import { openLocal } from '@godwit/backend-local/open-local.ts'
import { DamagedStoreError } from '@godwit/backend-local/whole-wal.ts'
import { StartError } from './start-error.ts'
import type { Wiring } from './wiring.ts'

/** Throws `StartError` where the folder is in use, not writable, damaged, or of a newer version. */
export async function wireLocal(folder: string, onFatal: (error: Error) => void): Promise<Wiring> {
  try {
    return { profile: 'local', worker: 0, ...(await openLocal({ folder, onFatal })) }
  } catch (error) {
    if (error instanceof FolderInUseError || error instanceof NewerSchemaError || error instanceof DamagedStoreError)
      throw new StartError(error.message)
    const { code, message } = error as NodeJS.ErrnoException
    if (code && ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST'].includes(code))
      throw new StartError(`GODWIT_DATA: the folder ${folder} cannot be used: ${message}`)
    throw error
  }
}
