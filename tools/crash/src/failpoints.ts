/**
 * The named points at which the server is killed: where what is stored and what was said about it differ for a moment. Each is a
 * patch by which the process ends itself with SIGKILL, with no turn of any thread in between, on its Nth passing (CRASH_AT) of the
 * point that CRASH_POINT names. So all of them fit into one build, and one is armed at a time.
 */
import type { Patch } from '@godwit/patch/patch.ts'
import type { Action } from './talker.ts'

export interface Failpoint {
  readonly name: string
  /** empty: on an empty data folder, before the server listens. starting: on a full one. stopping: when it is told to end. */
  readonly when: 'empty' | 'starting' | 'serving' | 'stopping'
  /** What leads to it. It is done more often while this point is armed, or before, where it is passed at the start. */
  readonly by: Action | null
  /** The kill comes at a passing between the first and this one. */
  readonly passingMax: number
}

interface Row extends Failpoint {
  readonly file: string
  /** The text around the point, with ☠ where the process dies. */
  readonly at: string
  /** The text in the file, where it needs more change than that. */
  readonly find?: string
}

const chat = 'packages/server/src/chat'
const store = 'packages/backend-local/src'
const signIn = 'packages/server/src/accounts/sign-in.ts'
const sweep = 'packages/server/src/worker/sweep.ts'

const serving = (by: Action, passingMax: number) => ({ when: 'serving', by, passingMax }) as const
const starting = { when: 'starting', by: null, passingMax: 1 } as const
const sweeping = (by: Action) => ({ ...starting, by })
const stopping = { when: 'stopping', by: null, passingMax: 1 } as const

const rows: readonly Row[] = [
  // An append, from the judgement to the announcement.
  { name: 'append.before', ...serving('message', 40), file: `${chat}/appender.ts`, at: '☠const verdict = await inTime(' },
  { name: 'append.after', ...serving('message', 40), file: `${chat}/appender.ts`, at: "if (verdict.verdict === 'appended') {☠" },
  { name: 'ack.before', ...serving('message', 40), file: `${chat}/appender.ts`, at: 'this.#standing = { head, roster, projected }☠' },
  { name: 'publish.before', ...serving('message', 40), file: `${chat}/appender.ts`, at: '☠for (const { placed, recipients, pendings } of' },
  { name: 'publish.after-ack', ...serving('message', 40), file: `${chat}/fan-out.ts`, at: '☠const due = this.#due' },
  { name: 'publish.between', ...serving('message', 40), file: `${chat}/fan-out.ts`, at: '☠this.#deps.delivery.entries(run, ' },
  {
    name: 'socket.after-write',
    ...serving('message', 60),
    file: 'packages/server/src/gateway/outbox.ts',
    at: 'this.#socket.send(frames)☠',
  },

  // Its transaction, in the writer thread.
  { name: 'commit.begun', ...serving('message', 40), file: `${store}/group-commit.ts`, at: 'begin.run()\n      ☠const answers' },
  {
    name: 'commit.between-rows',
    ...serving('message', 60),
    file: `${store}/message-log-writes.ts`,
    at: 'kind, target, content, checksum)☠',
  },
  { name: 'commit.before', ...serving('message', 40), file: `${store}/group-commit.ts`, at: '☠commit.run()\n      return answers' },
  { name: 'commit.after', ...serving('message', 40), file: `${store}/group-commit.ts`, at: 'commit.run()\n      ☠return answers' },
  { name: 'commit.answered', ...serving('message', 60), file: `${store}/serve.ts`, at: '☠if (!closing) return' },

  // Groups: the log first, the projection behind it.
  { name: 'project.before', ...serving('join', 3), file: `${chat}/project.ts`, at: '☠if (await conversations.project(' },
  {
    name: 'project.between',
    ...serving('join', 3),
    file: `${store}/conversations.ts`,
    at: 'putIntervals(conversation, state)\n      ☠if (',
  },
  {
    name: 'change.before-answer',
    ...serving('join', 3),
    file: `${chat}/groups.ts`,
    at: '☠return { conversationId, clientMsgId, ...placed }',
  },
  {
    name: 'group.created',
    ...serving('group', 1),
    file: `${chat}/groups.ts`,
    at: 'group.clientMsgId, null, content, deps.hashKey))\n  ☠return id',
  },
  { name: 'direct.created', ...serving('direct', 1), file: `${chat}/groups.ts`, at: "'created', null, content, deps.hashKey))☠" },

  // A deletion blanks what it deletes.
  {
    name: 'blank.before',
    ...serving('delete', 4),
    file: `${chat}/send-message.ts`,
    find: 'deps.log.blank(frame.to, frame.target).catch((error: unknown) => deps.onError(error, frame.to))',
    at: '{ ☠deps.log.blank(frame.to, frame.target).catch((error: unknown) => deps.onError(error, frame.to)) }',
  },
  { name: 'blank.between', ...serving('delete', 4), file: `${store}/message-log-writes.ts`, at: '☠for (const edit of edits.all(' },

  // Cursors.
  {
    name: 'cursor.before',
    ...serving('read', 10),
    file: `${chat}/receipts.ts`,
    at: '☠const cursors = await this.#deps.cursors.advance(moves)',
  },
  { name: 'cursor.between', ...serving('read', 10), file: `${store}/cursors.ts`, at: '☠if (deviceId !== null && delivered > 0)' },
  { name: 'cursor.after', ...serving('read', 10), file: `${chat}/receipts.ts`, at: 'await this.#deps.cursors.advance(moves)\n    ☠' },

  // Accounts.
  { name: 'sign-up.before', ...serving('sign-up', 1), file: signIn, at: '☠if (!(await accounts.create(account)))' },
  { name: 'sign-up.no-device', ...serving('sign-up', 1), file: signIn, at: '☠await devices.add(device)' },
  { name: 'sign-up.after', ...serving('sign-up', 1), file: signIn, at: 'await devices.add(device)\n    ☠' },
  { name: 'refresh.before', ...serving('refresh', 3), file: signIn, at: '☠const rotated = await devices.rotate(' },
  { name: 'refresh.after', ...serving('refresh', 3), file: signIn, at: '☠if (rotated) return' },

  // Checkpoints. Within one, SQLite's own writes and fsyncs are what strace counts.
  {
    name: 'checkpoint.before',
    ...serving('message', 2),
    file: `${store}/database.ts`,
    at: "mode: 'PASSIVE' | 'TRUNCATE'): number | null {\n  ☠",
  },
  {
    name: 'checkpoint.between',
    ...serving('message', 2),
    file: `${store}/checkpoint-thread.ts`,
    at: "☠checkpoints?.postMessage('finish')",
  },
  {
    name: 'checkpoint.finished',
    ...serving('message', 2),
    file: `${store}/writer-thread.ts`,
    find: "on('message', () => checkpoint(db, 'PASSIVE'))",
    at: "on('message', () => { checkpoint(db, 'PASSIVE')☠ })",
  },

  // The sweep, which makes good what the kill before has left.
  { name: 'sweep.before-blank', ...sweeping('delete'), file: sweep, at: "☠if (entry.kind === 'delete') await" },
  { name: 'sweep.before-project', ...sweeping('join'), file: sweep, at: '☠if (standing.projected < applied)' },
  { name: 'sweep.before-position', ...sweeping('delete'), file: sweep, at: '☠await events.confirm(' },
  { name: 'sweep.after-position', ...sweeping('join'), file: sweep, at: '☠this.#failures.clear()' },

  // Migrations, of an empty folder and of a full one.
  { name: 'migration.first', ...starting, when: 'empty', file: `${store}/migrate.ts`, at: "☠db.exec('COMMIT')" },
  { name: 'migration.migrated', ...starting, when: 'empty', file: `${store}/migrate.ts`, at: "db.exec('COMMIT')☠" },
  {
    name: 'migration.between',
    ...starting,
    file: `${store}/migrate.ts`,
    at: "☠db.prepare('UPDATE schema_version SET version = ?')",
  },

  // The end.
  { name: 'drain.before', ...stopping, file: 'apps/server/src/start-server.ts', at: '☠await gateway.drain()' },
  { name: 'drain.before-close', ...stopping, file: 'apps/server/src/start-server.ts', at: '☠await wiring.close()\n    }' },
  { name: 'drain.before-checkpoint', ...stopping, file: `${store}/writer-thread.ts`, at: "☠checkpoint(db, 'TRUNCATE')" },
  { name: 'drain.after-checkpoint', ...stopping, file: `${store}/writer-thread.ts`, at: "checkpoint(db, 'TRUNCATE')☠" },
]

export const failpoints: readonly Failpoint[] = rows

/** Of TypeScript: true where one of these is armed. */
const isArmed = (...names: readonly string[]) => `${JSON.stringify(names)}.includes(process.env.CRASH_POINT ?? '')`

const passings = '(globalThis as { passings?: number }).passings'
const strike = (name: string) =>
  `;if (${isArmed(name)} && (${passings} = (${passings} ?? 0) + 1) === Number(process.env.CRASH_AT)) process.kill(process.pid, 'SIGKILL');`

const laterMigration = JSON.stringify(new URL('./later.sql', import.meta.url).href)

export const patches: readonly Patch[] = [
  ...rows.map(({ name, file, at, find = at.replace('☠', '') }) => ({ name, file, find, replace: at.replace('☠', strike(name)) })),
  {
    name: 'a checkpoint of little',
    file: `${store}/checkpoint-thread.ts`,
    find: '* pageBytes <= limits.walBytesMax) return',
    replace: `* pageBytes <= (${isArmed('checkpoint.between', 'checkpoint.finished')} ? -1 : limits.walBytesMax)) return`,
  },
  {
    name: 'a later migration',
    file: `${store}/migrate.ts`,
    find: '.sort((a, b) => a.version - b.version)',
    replace: `.sort((a, b) => a.version - b.version).concat(${isArmed('migration.between')} ? { version: 9_999, file: ${laterMigration} } : [])`,
  },
]
