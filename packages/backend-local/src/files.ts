import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { explained } from './data-folder.ts'

/** For this user alone: a data folder holds what people said, and the keys of the deployment. */
export const privateMode = 0o600

/**
 * A file that appears whole or not at all: `write` makes it under another name, for this user alone; it is synced, and renamed.
 * What goes wrong leaves nothing behind and is thrown as a `DataFolderError` where it is one.
 */
export async function placeWhole<T>(path: string, write: (part: string) => Promise<T>): Promise<T> {
  const part = `${path}.part`
  const removeAll = () => {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(part + suffix, { force: true })
  }
  try {
    removeAll()
    closeSync(openSync(part, 'wx', privateMode))
    const written = await write(part)
    sync(part)
    renameSync(part, path)
    sync(dirname(path))
    return written
  } catch (error) {
    removeAll()
    throw explained(error, path)
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
