/**
 * The acceptance run: sign up, connect, talk while links are cut and the server is killed, heal, become quiet, and judge what every
 * device holds against the raw log.
 */
import { optionsOrExit } from './command-line.ts'
import { help, readOptions } from './options.ts'
import { runAcceptance } from './run.ts'

process.exitCode = (await runAcceptance(optionsOrExit(help, readOptions))) === 0 ? 0 : 1
