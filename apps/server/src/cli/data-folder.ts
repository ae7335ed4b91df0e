import { resolve } from 'node:path'
import { ConfigError, loadConfig } from '../config.ts'
import { CliError } from './output.ts'

/** The folder that `godwit serve` would use with this environment. */
export function dataFolder(): string {
  try {
    return resolve(loadConfig().data)
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError('USAGE', error.message)
    throw error
  }
}
