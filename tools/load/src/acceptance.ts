/**
 * The acceptance run: sign up, connect, talk while links are cut and the server is killed, heal, become quiet, and judge what every
 * device holds against the raw log.
 */
import { help, parseOptions } from './options.ts'
import { runAcceptance } from './run.ts'

const options = parseOptions(process.argv.slice(2))
if (options === 'help') console.log(help)
else process.exitCode = (await runAcceptance(options)) === 0 ? 0 : 1
