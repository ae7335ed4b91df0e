/** The `godwit` command. Each part is loaded only when it is asked for, so that `send` does not wait for the server's code. */
import { Command, InvalidArgumentError, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }

const program = new Command('godwit')
  .description('Godwit: a real-time messaging system that loses, doubles and reorders nothing.')
  .version(manifest.version)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .addHelpText(
    'after',
    `
Start a server, and talk:
  $ godwit serve                                      http://localhost:8080, data in ./data
  $ godwit user add ada --password "$PW"
  $ godwit user add grace --password "$PW"
  $ godwit tail --user grace --password "$PW" &
  $ godwit send --user ada --password "$PW" --to grace "Is this the moth?"

GODWIT_SERVER, GODWIT_USER, GODWIT_PASSWORD and GODWIT_TOKEN stand in for the options: secrets on a command line can be seen
by other users of the machine. All output is JSON lines. Exit codes: 0 done, 1 failed (one JSON line on stderr says why),
2 wrong usage or configuration.`,
  )

program
  .command('serve')
  .description('run the server; settings come from the environment, see docs/configuration.md')
  .addHelpText(
    'after',
    `
Examples:
  $ GODWIT_PORT=9000 GODWIT_DATA=/var/lib/godwit godwit serve
  $ GODWIT_HOST=0.0.0.0 GODWIT_TLS_CERT=cert.pem GODWIT_TLS_KEY=key.pem godwit serve
  $ GODWIT_CONFIG=godwit.json godwit serve`,
  )
  .action(async () => (await import('./serve.ts')).serve())

program
  .command('doctor')
  .description('check configuration, storage, clock, limits and port; says what is wrong and what to do')
  .action(async () => (await import('./cli/doctor.ts')).doctor())

const user = program.command('user').description('register people: godwit user add NAME')
withLogin(user.command('add'), { nameIsArgument: true })
  .argument('<name>', 'login name: a-z 0-9 . _ -')
  .option('--display-name <text>', 'name that others see')
  .description('register a user; prints its id')
  .addHelpText('after', '\nExample:\n  $ godwit user add ada --password "$PW" --display-name "Ada Lovelace"')
  .action((name: string, { displayName, ...login }) =>
    run(async () => (await import('./cli/user.ts')).addUser({ ...login, user: name }, displayName)),
  )

withLogin(program.command('token'))
  .description('log in as a new device; prints its tokens')
  .addHelpText('after', '\nExample:\n  $ export GODWIT_TOKEN=$(godwit token --user ada --password "$PW" | jq -r .accessToken)')
  .action((login) => run(async () => (await import('./cli/user.ts')).printToken(login)))

withLogin(program.command('send'))
  .description('send a message; prints the acknowledgement once it is stored. `-` reads JSON lines from standard input')
  .argument('<text>', 'the text, or - for lines such as {"text": "Hi", "to": "grace"}')
  .option('--to <user|conversation>', 'name or id of a user, or id of a conversation')
  .option('--client-message-id <id>', 'idempotency key: the same id again is stored once, and acknowledged the same')
  .option('--timeout <seconds>', 'how long to try while there is no answer', seconds, 30)
  .addHelpText(
    'after',
    `
Examples:
  $ godwit send --user ada --password "$PW" --to grace "Is this the moth?"
  $ godwit send --user ada --password "$PW" --to grace --client-message-id moth-1 "sent twice, stored once"
  $ jq -c '{text: .title}' feed.json | godwit send --user ada --password "$PW" --to grace -`,
  )
  .action((text: string, options) => run(async () => (await import('./cli/send.ts')).send(options, text)))

withLogin(program.command('tail'))
  .description('print entries of all conversations as they come: each once, in order, also across restarts of the server')
  .option('--since-start', 'the whole history first', false)
  .option('--max <n>', 'end after so many entries', count)
  .option('--timeout <seconds>', 'end after so many seconds', seconds)
  .addHelpText(
    'after',
    `
Examples:
  $ godwit tail --user grace --password "$PW" | jq -r 'select(.kind == "message") | .text'
  $ godwit tail --user grace --password "$PW" --since-start --timeout 1`,
  )
  .action((options) => run(async () => (await import('./cli/tail.ts')).tail(options)))

program
  .command('backup')
  .description('copy all data into one file, also while the server serves; reads the copy back whole')
  .argument('<file|folder>', 'a file that is not there yet, or a folder: then the file is named after the time')
  .addHelpText(
    'after',
    `
GODWIT_DATA names the data folder, as for \`godwit serve\`. The file holds everything a start needs, secrets and password hashes
included: keep it as safe as the server (its mode is 0600).

Examples:
  $ godwit backup /var/backups/godwit/
  $ GODWIT_DATA=/var/lib/godwit godwit backup before-the-upgrade.db`,
  )
  .action((target: string) => run(async () => (await import('./cli/backup.ts')).backup(target)))

program
  .command('restore')
  .description('put a backup into an empty data folder')
  .argument('<backup>', 'a file that `godwit backup` wrote')
  .addHelpText(
    'after',
    `
GODWIT_DATA names the data folder, as for \`godwit serve\`. It must hold no data, and no server may run on it.

What was acknowledged after the backup is gone. Devices stay signed in, are told to start over, and send what was not acknowledged.
Erasures carried out since the backup have to be asked for again: godwit erase --user ID.

Example:
  $ mv data data-broken
  $ godwit restore /var/backups/godwit/godwit-20260517T031500Z.db
  $ godwit serve`,
  )
  .action((file: string) => run(async () => (await import('./cli/backup.ts')).restore(file)))

program
  .command('check')
  .description('judge the history of a run against a dump of the log: C1-C14, see docs/delivery.md')
  .argument('<file>', 'the history: JSON lines')
  .option('--dump <file>', 'the log; by default dump.jsonl beside a history.jsonl')
  .option('--operations-min <n>', 'fewer operations prove nothing (default: what the history says, else 100)', count)
  .option('--infos-min <n>', 'operations whose outcome was unknown (else 1)', number)
  .option('--faults-min <n>', 'faults that struck (else 1)', number)
  .option('--repeated-share-max <x>', 'of the entry frames, the share that may be repeats (else 0.2)', number)
  .option('--delivery-ms-max <ms>', 'from the append to the application, outside of faults (else 10000)', number)
  .option('--recovery-ms-max <ms>', 'from the end of a fault until a device has caught up (else 60000)', number)
  .addHelpText(
    'after',
    `
Exit codes: 0 clean, 1 violations, 2 a file that cannot be read.

Examples:
  $ npm run acceptance -- --small --folder run && godwit check run/history.jsonl
  $ godwit check run/history.jsonl --dump run/dump.jsonl --recovery-ms-max 5000`,
  )
  .action(async (file: string, options) => (await import('./cli/check.ts')).check(file, options))

program
  .command('export')
  .description('print what is kept of a user, as JSON lines, also while the server serves')
  .requiredOption('--user <name|id>', 'login name or id')
  .addHelpText(
    'after',
    `
GODWIT_DATA names the data folder, as for \`godwit serve\`. The lines are described in docs/operations.md; the last one is
{"type":"end"}: without it something is missing.

Examples:
  $ godwit export --user ada > ada.jsonl
  $ godwit export --user ada | jq -r 'select(.kind == "message") | .text'`,
  )
  .action(({ user }) => run(async () => (await import('./cli/export.ts')).exportOf(user)))

program
  .command('erase')
  .description('erase a user for good: account, devices, and the text of everything they wrote')
  .requiredOption('--user <name|id>', 'login name or id')
  .addHelpText(
    'after',
    `
GODWIT_DATA names the data folder, as for \`godwit serve\`. A server that runs on it does the work, and this command waits;
without one the command does it. Interrupted, even by kill -9, it is taken up again by the next start or the same command.

It cannot be undone. The user leaves every conversation, each of their messages is deleted for all, and "Deleted user" stands in
their place. Older backups still hold everything: delete them, or erase again after a restore, by the id that is printed.

Examples:
  $ godwit export --user ada > ada.jsonl && godwit erase --user ada
  $ godwit erase --user u_mGq0VbkvYvRkTsMmXBB1xQ`,
  )
  .action(({ user }) => run(async () => (await import('./cli/erase.ts')).erase(user)))

await program.parseAsync()

function withLogin(command: Command, { nameIsArgument = false } = {}): Command {
  command.addOption(new Option('--server <url>', 'where the server is').env('GODWIT_SERVER').default('http://localhost:8080'))
  if (!nameIsArgument) command.addOption(new Option('--user <name>', 'login name').env('GODWIT_USER'))
  command.addOption(new Option('--password <password>', 'better given as GODWIT_PASSWORD').env('GODWIT_PASSWORD'))
  if (!nameIsArgument) command.addOption(new Option('--token <token>', 'access token instead of name and password').env('GODWIT_TOKEN'))
  return command
}

async function run(command: () => Promise<void>): Promise<void> {
  const { runCommand } = await import('./cli/output.ts')
  await runCommand(command)
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('must be a number of seconds above 0')
  return value
}

function number(text: string): number {
  const value = Number(text)
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('must be a number from 0')
  return value
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number above 0')
  return value
}
