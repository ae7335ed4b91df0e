/** PostgreSQL and ejabberd refuse to run as root, or advise against it: as root, they are started as `nobody`. */
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

const nobody = 65_534
const isRoot = process.getuid?.() === 0

/** Words before a command. */
export const asNobody: readonly string[] = isRoot ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : []

/** A folder of theirs, inside of a temporary one of ours that they may pass through. */
export function folderOfNobody(path: string): string {
  mkdirSync(path, { recursive: true })
  if (isRoot) {
    chmodSync(dirname(path), 0o711)
    chownSync(path, nobody, nobody)
  }
  return path
}
