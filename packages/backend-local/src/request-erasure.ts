import type { UserId } from '@godwit/protocol/ids.ts'
import { databaseIn } from './data-folder.ts'
import { openWriter } from './database.ts'
import { erasureWrites } from './erasures.ts'
import { schemaOf } from './migrate.ts'
import { mustBeCurrent, mustHoldData } from './snapshot.ts'

/**
 * Leaves a request beside the server that serves this folder, as a row that its worker will find: whoever may write to the data
 * folder is its operator. One short transaction; the server's next commit waits for it.
 */
export function requestErasure(folder: string, userId: UserId, at: number): void {
  mustHoldData(folder)
  using db = openWriter(databaseIn(folder))
  mustBeCurrent(schemaOf(db), folder)
  erasureWrites(db).requestErasure(userId, at)
}
