import type { UserId } from '@godwit/protocol/ids.ts'
import { databaseIn, explained } from './data-folder.ts'
import { openWriter } from './database.ts'
import { erasureWrites } from './erasures.ts'
import { schemaOf } from './migrate.ts'
import { mustBeCurrent, mustHoldData } from './snapshot.ts'

/**
 * Leaves a request beside the server that serves this folder, as a row that its worker will find: whoever may write to the data
 * folder is its operator. One short transaction; the server's next commit waits for it. Throws `DataFolderError`.
 */
export function requestErasure(folder: string, userId: UserId, at: number): void {
  mustHoldData(folder)
  const file = databaseIn(folder)
  try {
    using db = openWriter(file)
    mustBeCurrent(schemaOf(db), folder)
    erasureWrites(db).requestErasure(userId, at)
  } catch (error) {
    throw explained(error, file)
  }
}
