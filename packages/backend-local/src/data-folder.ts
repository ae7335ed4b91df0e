/** What is where in a data folder, and the ways in which a command on it can fail. */
import { join } from 'node:path'
import { isDiskFull, isStoreLost } from './database.ts'

/** `godwit.db` holds everything that is kept: log, accounts, devices and the secrets of the deployment. */
export const databaseIn = (folder: string): string => join(folder, 'godwit.db')

export type DataFolderProblem =
  | 'NO_DATA'
  | 'NO_BACKUP'
  | 'NOT_EMPTY'
  | 'TARGET_EXISTS'
  | 'UNUSABLE_PATH'
  | 'OTHER_SCHEMA'
  | 'STORAGE_FULL'
  | 'DAMAGED'

/** A command on a data folder was refused or has failed, and left nothing behind. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
  readonly code: DataFolderProblem

  constructor(code: DataFolderProblem, message: string) {
    super(message)
    this.code = code
  }
}

/** What SQLite or the file system say, as one of our codes; anything else as it is. */
export function explained(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (isDiskFull(error) || code === 'ENOSPC' || code === 'EDQUOT')
    return new DataFolderError('STORAGE_FULL', `There is no room for ${path}. Nothing was left behind.`)
  if (isStoreLost(error)) return new DataFolderError('DAMAGED', `${path} cannot be read: ${message}`)
  if (code && ['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENAMETOOLONG', 'EIO'].includes(code))
    return new DataFolderError('UNUSABLE_PATH', message)
  return error
}
