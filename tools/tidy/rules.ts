// The rules that keep the layout of the packages and the determinism of the core. Each names what to use instead, and why.

export type Source = { path: string; text: string }
export type Problem = { path: string; line: number; message: string }
type Ban = { where: (path: string) => boolean; pattern: RegExp; message: string }

const under =
  (...roots: string[]) =>
  (path: string) =>
    roots.some((root) => path.startsWith(root))
const isTest = (path: string) => /\.test\.tsx?$|\/testing\/|\/fixtures\//.test(path)
const isAdapter = (path: string) => /-(node|browser)\.ts$/.test(path)
const isConfig = (path: string) => path === 'apps/server/src/config.ts' || path.startsWith('tools/')
const server = under('packages/server/')
const core = (path: string) =>
  !isTest(path) && (under('packages/protocol/', 'packages/server/')(path) || (path.startsWith('packages/client/src/') && !isAdapter(path)))
const shipped = (path: string) => !isTest(path)
const wires = (path: string) => /^apps\/server\/src\/wire-[^/]+\.ts$/.test(path)

const own = {
  protocol: '@godwit/protocol',
  server: '@godwit/server',
  client: '@godwit/client',
  partitionedLog: '@godwit/partitioned-log',
}

/** What each folder may import of ours, first match wins. Tests may import more: they sit outside the product. */
const mayImport: { folder: string; allowed: string[]; reason: string }[] = [
  { folder: 'packages/protocol/', allowed: [], reason: 'the protocol is the root that everything else stands on' },
  { folder: 'packages/client/', allowed: [own.protocol], reason: 'clients know the server only by the protocol' },
  { folder: 'apps/web/', allowed: [own.client, own.protocol], reason: 'the web app reaches the server through the client' },
  { folder: 'packages/server/', allowed: [own.protocol], reason: 'the server knows ports; wire-*.ts hands it the backends' },
  {
    folder: 'packages/backend-',
    allowed: [own.server, own.protocol, own.partitionedLog],
    reason: 'a backend implements ports and knows no other backend',
  },
  { folder: 'packages/partitioned-log/', allowed: [own.server, own.protocol], reason: 'it implements ports over tables, whoever has them' },
  { folder: 'packages/history/', allowed: [], reason: 'the judge shares no code with what it judges' },
  {
    folder: 'packages/conformance/',
    allowed: [own.server, own.protocol, own.partitionedLog],
    reason: 'a suite takes its backend as an argument',
  },
]

/** Folders of packages/server/src from the inside out: a folder imports itself and those before it. */
const layers = ['ports', 'chat', 'gateway']

/** Files over the limit, each with its reason and its own limit. Splitting the file is the better answer. */
const longFiles: Record<string, { linesMax: number; reason: string }> = {}
const linesMax = 400

const bans: Ban[] = [
  {
    where: core,
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    message: 'take the time from the Clock that is passed in: a simulated run must own time',
  },
  {
    where: core,
    pattern: /\bMath\.random\(|\bcrypto\.(randomUUID|getRandomValues)\(/,
    message: 'take randomness from the Random that is passed in: a seed must replay a run',
  },
  {
    where: (path) => server(path) && !isTest(path),
    pattern: /(?<![.\w])set(Timeout|Interval|Immediate)\(/,
    message: 'use the Clock port to wait: a simulated run must own time',
  },
  {
    where: (path) => shipped(path) && !isConfig(path),
    pattern: /\bprocess\.env\b/,
    message: 'read settings in apps/server/src/config.ts and pass them on: one place lists and checks them all',
  },
  {
    where: (path) => (server(path) || path.startsWith('packages/protocol/')) && !isTest(path),
    pattern:
      /\bfrom ['"](ws|fastify|better-sqlite3|pg|kysely|cassandra-driver|@platformatic\/kafka|@redis\/client|node:(sqlite|http|net|fs))\b/,
    message: 'use a port: drivers and sockets belong to a backend-* package or to apps/server',
  },
  {
    where: (path) => path.startsWith('packages/protocol/') && !isTest(path),
    pattern: /\bfrom ['"]node:|(?<![.\w])(Buffer|process)\./,
    message: 'use what browsers have too (TextEncoder, Uint8Array): the protocol runs on both sides',
  },
  {
    where: () => true,
    pattern: /^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s+\w/,
    message: 'use a union of string literals or an `as const` object: Node strips types and cannot run an enum',
  },
  {
    where: () => true,
    pattern: /\bconstructor\(\s*(private|public|protected|readonly)\b/,
    message: 'declare the field and assign it: Node strips types and cannot run a parameter property',
  },
  {
    where: () => true,
    pattern: /\b(TO[D]O|FIX[M]E|XX[X])\b/,
    message: 'do it, or write it down as an issue: the tree holds no open ends',
  },
]

export function problemsOf(source: Source): Problem[] {
  const lines = source.text.split('\n')
  return [...lines.flatMap((text, index) => problemsOfLine(source.path, text, index + 1)), ...lengthProblems(source.path, lines)]
}

function problemsOfLine(path: string, text: string, line: number): Problem[] {
  const code = /^\s*(\/\/|\*|\/\*)/.test(text) ? '' : text
  const banned = bans.filter((ban) => ban.where(path) && ban.pattern.test(ban.message.startsWith('do it') ? text : code))
  const messages = banned.map((ban) => ban.message)
  for (const [, name = ''] of code.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g))
    messages.push(...importProblems(path, name))
  return messages.map((message) => ({ path, line, message }))
}

function importProblems(path: string, name: string): string[] {
  if (isTest(path)) return []
  const target = name.startsWith('.') ? resolve(path, name) : name
  const messages: string[] = []
  if (/^@godwit\/backend-/.test(name) && !wires(path) && !path.startsWith('packages/') && !path.startsWith('tools/'))
    messages.push(`only apps/server/src/wire-*.ts may import ${name}: one file per profile knows which backends it uses`)
  const rule = mayImport.find(({ folder }) => path.startsWith(folder))
  if (rule && /^(@godwit\/|godwit$)/.test(name) && !rule.allowed.some((ok) => name === ok || name.startsWith(`${ok}/`)))
    messages.push(`import ${rule.allowed.join(' or ') || 'nothing of ours'} here, not ${name}: ${rule.reason}`)
  if (name.startsWith('.') && packageOf(target) !== packageOf(path) && !path.startsWith('tools/'))
    messages.push(`import ${packageOf(target)} by its package name, not by a path: its exports are its contract`)
  const [from, to] = [layerOf(path), layerOf(target)]
  if (from >= 0 && to > from)
    messages.push(`${layers[from]} must not import ${layers[to]}: imports point ${layers.join(' <- ')}; move what both need inwards`)
  return messages
}

function lengthProblems(path: string, lines: string[]): Problem[] {
  if (isTest(path)) return []
  const max = longFiles[path]?.linesMax ?? linesMax
  const length = lines.at(-1) === '' ? lines.length - 1 : lines.length
  if (length <= max) return []
  return [
    { path, line: max + 1, message: `split this file: ${length} lines, at most ${max}; a file is one idea (exceptions need a reason)` },
  ]
}

const resolve = (path: string, name: string) => new URL(name, `file:///${path}`).pathname.slice(1)
const packageOf = (path: string) => path.split('/').slice(0, 2).join('/')
const layerOf = (path: string) => layers.indexOf(/^packages\/server\/src\/([^/]+)\//.exec(path)?.[1] ?? '')
