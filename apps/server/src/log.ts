/** Structured log lines. They name operations, codes and ids; never a token, a password, a body or a query string (T2). */
import { createRequire } from 'node:module'
import { type Logger, pino } from 'pino'
import type pinoPretty from 'pino-pretty'
import type { Config } from './config.ts'

export type Log = Logger

export function isPretty({ logFormat }: Pick<Config, 'logFormat'>): boolean {
  return logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY)
}

export function createLog(config: Pick<Config, 'logLevel' | 'logFormat'>): Log {
  const options = {
    level: config.logLevel,
    base: null,
    redact: ['*.password', '*.token', '*.accessToken', '*.refreshToken', '*.authorization'],
  }
  // Synchronous: a line written just before the process ends is not lost.
  if (!isPretty(config)) return pino(options, pino.destination({ fd: 1, sync: true }))
  // Loaded here: a server whose log goes to a machine starts without its forty files.
  const pretty: typeof pinoPretty = createRequire(import.meta.url)('pino-pretty')
  return pino(options, pretty({ colorize: true, ignore: 'pid,hostname', sync: true }))
}
