/**
 * Canaries in every stored column and token of a real server, which then does all it can do, well and badly (T2, T8, T26). Nothing
 * secret may leave it: not in a frame, not in an answer, not in a refusal, not in the log.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { routes } from '@godwit/server/gateway/routes.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveClient, openPoll, openWs } from './testing/live-client.ts'
import { RawSocket, wsFrame } from './testing/raw-socket.ts'
import { type ServerProcess, startServerProcess } from './testing/server-process.ts'

interface Account {
  readonly userId: string
  readonly deviceId: string
  readonly accessToken: string
  readonly refreshToken: string
}

let canaries = 0
const canary = (what: string) => `canary-${what}-${++canaries}-${randomBytes(6).toString('hex')}`

const folder = mkdtempSync(join(tmpdir(), 'godwit-canaries-'))
let server: ServerProcess
/** What nobody is ever told, but who it was given to. */
const tokens: string[] = []
const passwords: string[] = []
/** What members of the group are told, and nobody else. */
const texts: string[] = []
/** All that Ana (in everything), Ben (in the group) and Eve (in nothing) have heard. */
const heard = { ana: [] as string[], ben: [] as string[], eve: [] as string[] }
const refusals: string[] = []
const clients: LiveClient[] = []
let stored: string[] = []

type Name = keyof typeof heard
const accounts = {} as Record<Name, Account>

async function call(who: Name, method: string, path: string, body?: unknown) {
  const answer = await server.call(method, path, { token: accounts[who].accessToken, body })
  heard[who].push(answer.text, JSON.stringify([...answer.headers]))
  if (answer.status >= 400) refusals.push(answer.text)
  return answer
}

async function signIn(who: Name, path: '/v1/users' | '/v1/tokens', password: string): Promise<Account> {
  const { json } = await server.call('POST', path, { body: { name: who, password, deviceName: 'Leuchtturm' } })
  tokens.push(json.accessToken, json.refreshToken)
  return json
}

/** What each secret column of the database holds, as text. */
function secretColumns(): string[] {
  const db = new DatabaseSync(join(folder, 'godwit.db'), { readOnly: true })
  const all = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .flatMap((row) => Object.values(row))
  const values = [
    ...all('SELECT password_hash, subject FROM accounts'),
    ...all('SELECT refresh_hash, previous_hash FROM devices'),
    ...all("SELECT value FROM secrets WHERE name <> 'epoch'"),
    ...all('SELECT body_hash FROM entries'),
  ]
  db.close()
  return values.flatMap((value) => {
    if (value instanceof Uint8Array) return [Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64url')]
    return typeof value === 'string' ? [value] : []
  })
}

beforeAll(async () => {
  server = await startServerProcess({ GODWIT_DATA: folder, GODWIT_LOG_LEVEL: 'debug' })
  for (const who of ['ana', 'ben', 'eve'] as const) {
    passwords.push(canary('password'))
    accounts[who] = await signIn(who, '/v1/users', passwords.at(-1) as string)
  }
  const { ana, ben } = accounts
  const text = (what: string) => {
    texts.push(canary(what))
    return texts.at(-1) as string
  }
  const made = await call('ana', 'POST', '/v1/groups', { clientMsgId: 'g', name: text('name'), members: [ben.userId] })
  const group = made.json.conversation.conversationId
  const opens = { ana: openWs(server.url), ben: openPoll(server.call), eve: openWs(server.url) }
  for (const who of ['ana', 'ben', 'eve'] as const) {
    const client = await (await opens[who]).greet(accounts[who].accessToken)
    client.send({ type: 'watch', conversations: [group], users: [ana.userId, ben.userId] })
    clients.push(client)
  }
  const [anas, , eves] = clients as [LiveClient, LiveClient, LiveClient]

  const commands = (to: string) => [
    { type: 'message', to, clientMsgId: 'm1', text: text('text'), mentions: [ben.userId] },
    { type: 'message', to, clientMsgId: 'm2', text: text('text'), replyTo: 2 },
    { type: 'edit', to, clientMsgId: 'm3', target: 2, text: text('edit') },
    { type: 'reaction', to, clientMsgId: 'm4', target: 2, emoji: '🪶', on: true },
    { type: 'delete', to, clientMsgId: 'm5', target: 3 },
  ]
  const all = commands(group)
  for (const frame of all) {
    anas.send(frame)
    await anas.next('ack', 0, ({ clientMsgId }) => clientMsgId === frame.clientMsgId)
  }
  // The same from who may not, with other bodies, in other shapes; and what is broken.
  for (const client of clients) {
    client.send(...all, { type: 'batch', frames: all }, ...all.map((frame) => ({ ...frame, clientMsgId: 'm1' })))
    client.send(...all.map((frame) => ({ ...frame, [canary('key')]: { token: ana.accessToken } })))
    client.sendText(`{"type":"message","text":"${texts[0]}"`)
    client.send({ type: 'typing', conversationId: group }, { type: 'ack', conversationId: group, seq: 2, status: 'read' })
    client.send(
      { type: 'auth', token: ana.accessToken },
      { type: 'auth', token: ben.refreshToken },
      { type: 'hello', token: ben.accessToken },
    )
    await client.settled()
  }
  for (const bytes of [wsFrame({ first: 0xff, payload: ana.accessToken }), wsFrame({ opcode: 2, payload: texts[0] as string })]) {
    const raw = await RawSocket.upgraded(server.url)
    raw.write(wsFrame({ payload: JSON.stringify({ type: 'hello', token: ana.accessToken, client: canary('client') }) }))
    await raw.heard('"welcome"')
    raw.write(bytes)
    await raw.closeCode
    heard.ana.push(raw.received)
  }

  // Every route, as everyone, with what it wants and with what it does not.
  const values: Record<string, string> = { conversationId: group, userId: ben.userId, deviceId: ana.deviceId }
  const ending = new Set(['logout', 'revokeDevice', 'register', 'login', 'refresh', 'changePassword'])
  for (const who of ['eve', 'ben', 'ana'] as const)
    for (const { method, path, operation, body, query } of routes.filter((route) => !ending.has(route.operation))) {
      const url = path.replace(/:(\w+)/g, (_, name: string) => values[name] as string)
      await call(who, method, url)
      if (query) await call(who, method, `${url}?seq=2&after=1&name=ana&limit=5&clientMsgId=q&access_token=${ana.accessToken}`)
      if (query) await call(who, method, `${url}?name=ana`)
      if (body)
        for (const frame of all.slice(0, 2))
          await call(who, method, url, operation === 'send' ? frame : { ...frame, password: passwords[0] })
    }
  for (const who of ['eve', 'ben', 'ana'] as const) await call(who, 'GET', `/v1/conversations/${group}/messages?limit=200`)

  // Coming and going, well and badly.
  const [own = ''] = passwords
  const second = await signIn('ana', '/v1/tokens', own)
  const attemptId = canary('attempt')
  tokens.push(attemptId)
  const refreshed = await server.call('POST', '/v1/tokens/refresh', { body: { refreshToken: second.refreshToken, attemptId } })
  tokens.push(refreshed.json.accessToken, refreshed.json.refreshToken)
  const bad: readonly (readonly [string, string, unknown])[] = [
    ['POST', '/v1/tokens', { name: 'ana', password: canary('guess') }],
    ['POST', '/v1/tokens', `{"name":"ana","password":"${own}"`],
    ['POST', '/v1/tokens', { name: 'ana', password: own, passwort: own }],
    ['POST', '/v1/tokens', { name: own, password: [own] }],
    ['POST', '/v1/users', { name: 'ana', password: own }],
    ['POST', '/v1/tokens/refresh', { refreshToken: `${second.refreshToken}x` }],
    ['POST', '/v1/me/password', { password: canary('guess'), newPassword: own }],
    ['GET', `/v1/poll/${second.accessToken.slice(0, 90)}?ack=0`, undefined],
    ['GET', `/${second.refreshToken}`, undefined],
  ]
  for (const [method, path, body] of bad) await call('ana', method, path, body)
  const newPassword = canary('password')
  passwords.push(newPassword)
  await call('ana', 'POST', '/v1/me/password', { password: own, newPassword })
  await call('ana', 'DELETE', `/v1/devices/${second.deviceId}`)
  // Used twice, much later, it would be a theft; here it is one of a device that is signed out.
  await server.call('POST', '/v1/tokens/refresh', { body: { refreshToken: second.refreshToken } }).then(({ text }) => refusals.push(text))
  for (const [n, who] of (['ana', 'ben', 'eve'] as const).entries())
    heard[who].push(...(clients[n]?.frames ?? []).map((frame) => JSON.stringify(frame)))
  refusals.push(...clients.flatMap((client) => client.all('error').map((frame) => JSON.stringify(frame))))
  stored = secretColumns()
  expect(eves.errors).toContain('FORBIDDEN')
}, 120_000)

afterAll(async () => {
  for (const client of clients) client.end()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const found = (secrets: readonly string[], where: readonly string[]) => {
  const all = where.join('\n')
  return secrets.filter((secret) => all.includes(secret))
}

test('the run was worth it: there are canaries in every place, and refusals of many kinds', () => {
  expect(stored.filter((value) => value.startsWith('$argon2id$'))).toHaveLength(3)
  expect(stored.length).toBeGreaterThan(20)
  expect(found(texts, heard.ben).length).toBeGreaterThan(2)
  const codes = new Set(refusals.map((text) => JSON.parse(text).code))
  for (const code of ['FORBIDDEN', 'BAD_JSON', 'BAD_REQUEST', 'BAD_CREDENTIALS', 'ID_REUSED', 'UNAUTHENTICATED', 'NAME_TAKEN', 'NOT_FOUND'])
    expect(codes).toContain(code)
})

test('[T8] no stored secret, token or password is in any frame or answer, to whomever', () => {
  expect(found([...stored, ...tokens, ...passwords], Object.values(heard).flat())).toEqual([])
})

test('[T8] no text or name of the group is in anything that an outsider has heard', () => {
  expect(found(texts, heard.eve)).toEqual([])
})

test('[T2] no refusal repeats a token, a password, a text or a stored secret', () => {
  expect(found([...stored, ...tokens, ...passwords, ...texts], refusals)).toEqual([])
})

test('[T26] the log at its most talkative has who came, went and was refused, and nothing of what is secret', () => {
  const log = server.output()
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { userId, deviceId } = accounts.ana
  const account = { address: '127.0.0.1', userId }
  expect(lines).toContainEqual(expect.objectContaining({ ...account, operation: 'register', deviceId }))
  expect(lines).toContainEqual(expect.objectContaining({ ...account, operation: 'changePassword', deviceId }))
  expect(lines).toContainEqual(expect.objectContaining({ ...account, operation: 'changePassword', code: 'BAD_CREDENTIALS' }))
  expect(lines).toContainEqual(expect.objectContaining({ operation: 'login', address: '127.0.0.1', code: 'BAD_CREDENTIALS' }))
  expect(found([...stored, ...tokens, ...passwords, ...texts, 'canary-'], [log])).toEqual([])
})
