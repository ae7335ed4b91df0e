import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalBackend, openLocal } from '../open-local.ts'

export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-store-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A backend in a folder that goes with it. A fatal error of the store fails the test as an uncaught one. */
export async function openTemporary(): Promise<{ readonly backend: LocalBackend; readonly folder: string; close(): Promise<void> }> {
  const { folder, remove } = temporaryFolder()
  const backend = await openLocal({ folder, onFatal: throwIt })
  const close = async () => {
    await backend.close()
    remove()
  }
  return { backend, folder, close }
}

export function throwIt(error: Error): void {
  throw error
}
