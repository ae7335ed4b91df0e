/** Certificate and key of the configuration. */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Config } from './config.ts'
import { StartError } from './start-error.ts'

export interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
}

/** null where the server speaks plain HTTP. Throws `StartError` for files that cannot be read or do not belong together. */
export function readTls({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>): Tls | null {
  if (tlsCert === undefined || tlsKey === undefined) return null
  const tls = { cert: read('GODWIT_TLS_CERT', tlsCert), key: read('GODWIT_TLS_KEY', tlsKey) }
  try {
    createSecureContext(tls)
    return tls
  } catch (error) {
    throw new StartError(
      `GODWIT_TLS_CERT and GODWIT_TLS_KEY: ${tlsCert} and ${tlsKey} are no PEM certificate with its key (${(error as Error).message}).`,
    )
  }
}

function read(variable: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StartError(`${variable}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}
