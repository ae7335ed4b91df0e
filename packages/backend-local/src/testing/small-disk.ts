import { execFileSync } from 'node:child_process'
import { temporaryFolder } from './temporary.ts'

/** A file system of so many MB in a temporary folder, or why there is none. */
export function smallDisk(megabytes: number): { readonly folder: string; unmount(): void } | { readonly reason: string } {
  const { folder, remove } = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    remove()
    return { reason: `a small tmpfs cannot be mounted here: ${error instanceof Error ? error.message.trim() : error}` }
  }
  const unmount = () => {
    execFileSync('umount', [folder])
    remove()
  }
  return { folder, unmount }
}
