/** What commands do with the data folder of the `local` profile, also beside a server that serves it. */
import { type Backup, type BackupOptions, backUp as backUpFolder } from '@godwit/backend-local/backup.ts'
import { DataFolderError } from '@godwit/backend-local/data-folder.ts'
import { FolderInUseError } from '@godwit/backend-local/folder-lock.ts'
import { NewerSchemaError } from '@godwit/backend-local/migrate.ts'
import { type Restored, restoreBackup as restoreFolder } from '@godwit/backend-local/restore.ts'
import { CliError } from './cli/output.ts'

export const backUp = (options: BackupOptions): Promise<Backup> => explained(() => backUpFolder(options))

export const restoreBackup = (file: string, folder: string): Promise<Restored> => explained(() => restoreFolder(file, folder))

/** Failures that the operator can mend, as the command line prints them: a code and what to do. */
async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DataFolderError) throw new CliError(error.code, error.message)
    if (error instanceof FolderInUseError) throw new CliError('FOLDER_IN_USE', error.message)
    if (error instanceof NewerSchemaError) throw new CliError('OTHER_SCHEMA', error.message)
    throw error
  }
}
