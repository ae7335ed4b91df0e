/** `godwit backup` and `godwit restore`. */
import { resolve } from 'node:path'
import { backUp, restoreBackup } from '../wire-data-folder.ts'
import { dataFolder } from './data-folder.ts'
import { CliError, printLine, progressPrinter } from './output.ts'

export async function backup(target: string): Promise<void> {
  const began = performance.now()
  const progress = progressPrinter()
  let interrupted: NodeJS.Signals | null = null
  const interrupt = (signal: NodeJS.Signals) => {
    interrupted = signal
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const { newestAt, ...made } = await backUp({
    folder: dataFolder(),
    target,
    now: Date.now(),
    onProgress(done, total) {
      // Thrown, so that the half copy is removed.
      if (interrupted) throw new CliError('INTERRUPTED', `${interrupted}: nothing was left behind`)
      progress({ copied: `${Math.floor((100 * done) / total)} %` })
    },
  })
  printLine({ ...made, ...newest(newestAt), seconds: Math.round(performance.now() - began) / 1000 })
}

export async function restore(file: string): Promise<void> {
  const folder = dataFolder()
  const { newestAt, ...restored } = await restoreBackup(resolve(file), folder)
  printLine({ folder, ...restored, ...newest(newestAt) })
}

/** Up to when the backup goes. */
const newest = (at: number) => ({ newestMessageAt: at === 0 ? null : new Date(at).toISOString() })
