/** `godwit export`: what is kept of a user, as JSON lines. */
import { once } from 'node:events'
import { exportUser } from '@godwit/server/worker/export-user.ts'
import { openSnapshot } from '../wire-data-folder.ts'
import { dataFolder } from './data-folder.ts'
import { userOf } from './user-of.ts'

export async function exportOf(user: string): Promise<void> {
  using snapshot = openSnapshot(dataFolder())
  const { userId } = await userOf(snapshot, user)
  for await (const line of exportUser(snapshot, userId))
    if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await once(process.stdout, 'drain')
}
