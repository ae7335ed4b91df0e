/** What commands do with the data folder of the `local` profile, a server on it or not. */
import { FolderInUseError } from '@godwit/backend-local/folder-lock.ts'
import { openLocal } from '@godwit/backend-local/open-local.ts'
import { mustHoldData } from '@godwit/backend-local/snapshot.ts'
import type { Wiring } from './wiring.ts'

export { backUp } from '@godwit/backend-local/backup.ts'
export { requestErasure } from '@godwit/backend-local/request-erasure.ts'
export { restoreBackup } from '@godwit/backend-local/restore.ts'
export { openSnapshot } from '@godwit/backend-local/snapshot.ts'

/** The folder for this process alone; null while a server runs on it. Throws `DataFolderError` where there is no data. */
export async function openIfFree(folder: string, onFatal: (error: Error) => void): Promise<Wiring | null> {
  mustHoldData(folder)
  try {
    return { profile: 'local', worker: 0, ...(await openLocal({ folder, onFatal })) }
  } catch (error) {
    if (error instanceof FolderInUseError) return null
    throw error
  }
}
