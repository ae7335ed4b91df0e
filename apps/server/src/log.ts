/** Structured log lines. They name operations, codes and ids; never a token, a password, a body or a query string (T2). */
import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { Config } from './config.ts'

export type Log = Logger

export function createLog({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): Log {
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY === true)
  const options = { level: logLevel, base: null, redact: ['*.password', '*.token', '*.accessToken', '*.refreshToken', '*.authorization'] }
  // Synchronous: a line written just before the process ends is not lost.
  return isPretty
    ? pino(options, pretty({ colorize: true, ignore: 'pid,hostname', sync: true }))
    : pino(options, pino.destination({ fd: 1, sync: true }))
}
