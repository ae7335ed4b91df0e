import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const password = 'Prärie-Läufer 鷸 7'
const children = new Set<ChildProcess>()

function run(args: readonly string[], env: Record<string, string> = {}, input?: string) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GODWIT_')))
  const child = spawn(process.execPath, [main, ...args], { env: { ...clean, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  children.add(child)
  const lines: string[] = []
  let stderr = ''
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  child.stderr.on('data', (data) => {
    stderr += data
  })
  child.stdin.end(input)
  const ended = once(child, 'close').then(([code]) => {
    children.delete(child)
    return {
      code: code as number | null,
      lines,
      stderr,
      json: lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)),
    }
  })
  /** The first line, from now or before, that fits. */
  async function lineWith(text: string): Promise<string> {
    const known = lines.find((line) => line.includes(text))
    if (known) return known
    return new Promise((resolve, reject) => {
      reader.on('line', (line) => line.includes(text) && resolve(line))
      ended.then(() => reject(new Error(`ended without ${text}: ${stderr}`)))
    })
  }
  return { child, ended, lines, lineWith }
}

/** A port that is free now: the same one is needed again after a restart. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

let folder: string
let port: number
let server: ReturnType<typeof run>
const client = { GODWIT_SERVER: '', GODWIT_PASSWORD: password }

async function start(): Promise<void> {
  server = run(['serve'], { GODWIT_DATA: join(folder, 'data'), GODWIT_PORT: String(port), GODWIT_LOG_FORMAT: 'json' })
  await server.lineWith('"listening"')
}

async function kill(): Promise<void> {
  server.child.kill('SIGKILL')
  await server.ended
}

const godwit = (args: readonly string[], input?: string) => run(args, client, input)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-cli-'))
  port = await freePort()
  client.GODWIT_SERVER = `http://127.0.0.1:${port}`
  await start()
  for (const name of ['ada', 'grace']) {
    const { code, json } = await godwit(['user', 'add', name, '--display-name', `${name} 🦋`]).ended
    expect([code, json]).toEqual([0, [{ userId: expect.stringMatching(/^u_/), name }]])
  }
})
afterEach(() => {
  for (const child of children) if (child !== server.child) child.kill('SIGKILL')
})
afterAll(async () => {
  server.child.kill('SIGTERM')
  const { code } = await server.ended
  rmSync(folder, { recursive: true })
  expect(code).toBe(0)
})

describe('send and tail', () => {
  test('[L3] a retry after kill -9 gets the same ack, and tail shows each entry once, in order', async () => {
    const tail = godwit(['tail', '--user', 'grace', '--since-start', '--max', '6', '--timeout', '50'])
    const sendAs = (id: string, text: string) => godwit(['send', '--user', 'ada', '--to', 'grace', '--client-message-id', id, text])

    const first = await sendAs('moth-1', 'Is this the moth? 🦋').ended
    expect(first.json).toEqual([expect.objectContaining({ seq: 2, duplicate: false, clientMsgId: 'moth-1' })])
    await tail.lineWith('the moth')
    await kill()

    // These two begin while nobody listens: they go on trying.
    const meanwhile = [sendAs('moth-1', 'Is this the moth? 🦋'), sendAs('moth-2', 'نعم، في المرحّل ٧٠')]
    await start()
    const [retry, second] = await Promise.all(meanwhile.map(({ ended }) => ended))
    expect(retry?.json).toEqual([{ ...first.json[0], duplicate: true }])
    expect(second?.json).toEqual([expect.objectContaining({ seq: 3, duplicate: false })])
    await tail.lineWith('المرحّل')

    await kill()
    await start()
    const lines = [
      '{"text":"第一個實際發現的臭蟲"}',
      '',
      '{"text":"if (x < y) { return `a\\\\n` }","clientMsgId":"code-1"}',
      '{"to":"grace","text":"9 September 1947"}',
    ]
    const piped = await godwit(['send', '--user', 'ada', '--to', 'grace', '-'], lines.join('\n')).ended
    expect(piped.json.map(({ seq }) => seq)).toEqual([4, 5, 6])

    const { code, json } = await tail.ended
    expect(code).toBe(0)
    expect(json.map(({ seq, kind, text }) => [seq, kind, text])).toEqual([
      [1, 'created', null],
      [2, 'message', 'Is this the moth? 🦋'],
      [3, 'message', 'نعم، في المرحّل ٧٠'],
      [4, 'message', '第一個實際發現的臭蟲'],
      [5, 'message', 'if (x < y) { return `a\\n` }'],
      [6, 'message', '9 September 1947'],
    ])
    expect(Object.keys(json[1]).slice(0, 5)).toEqual(['conversationId', 'seq', 'kind', 'senderId', 'text'])
  })

  test('tail from now on shows only what is new; its timeout is no failure', async () => {
    const tail = godwit(['tail', '--user', 'grace', '--timeout', '8'])
    // Presence is the sign that the tail is live: what is sent from here on must come.
    const { json: tokens } = await godwit(['token', '--user', 'ada']).ended
    const headers = { authorization: `Bearer ${tokens[0].accessToken}` }
    const graceId = await fetch(`${client.GODWIT_SERVER}/v1/users?name=grace`, { headers })
      .then((answer) => answer.json())
      .then(({ users }) => users[0].userId)
    for (;;) {
      const answer = await fetch(`${client.GODWIT_SERVER}/v1/presence?ids=${graceId}`, { headers }).then((response) => response.json())
      if (answer.users[0].online) break
    }
    await godwit(['send', '--user', 'ada', '--to', 'grace', 'only this']).ended
    const { code, json } = await tail.ended
    expect([code, json.map(({ text }) => text)]).toEqual([0, ['only this']])
  })

  test('a token stands in for name and password', async () => {
    const { json } = await godwit(['token', '--user', 'ada']).ended
    const sent = await run(['send', '--to', 'grace', '--server', client.GODWIT_SERVER, 'with a token'], {
      GODWIT_TOKEN: json[0].accessToken,
    }).ended
    expect(sent.json).toEqual([expect.objectContaining({ duplicate: false })])
  })
})

describe('failures say what is wrong, on one line', () => {
  const failures: [what: string, args: string[], env: Record<string, string>, code: string][] = [
    ['a wrong password', ['token', '--user', 'ada'], { GODWIT_PASSWORD: 'guess' }, 'BAD_CREDENTIALS'],
    ['a taken name', ['user', 'add', 'ADA'], {}, 'NAME_TAKEN'],
    ['a short password', ['user', 'add', 'eve'], { GODWIT_PASSWORD: 'short' }, 'BAD_REQUEST'],
    ['nobody of that name', ['send', '--user', 'ada', '--to', 'nobody', 'hi'], {}, 'NO_SUCH_USER'],
    ['a conversation of others', ['send', '--user', 'ada', '--to', 'c_00AAAAAAAAAAAAAAAAAAAAAA', 'hi'], {}, 'FORBIDDEN'],
    [
      'an id used for something else',
      ['send', '--user', 'ada', '--to', 'grace', '--client-message-id', 'moth-1', 'other'],
      {},
      'ID_REUSED',
    ],
    ['no server there', ['token', '--user', 'ada'], { GODWIT_SERVER: 'http://127.0.0.1:9' }, 'UNREACHABLE'],
    ['a token that is none', ['tail'], { GODWIT_TOKEN: 'x' }, 'UNAUTHENTICATED'],
  ]
  test.each(failures)('%s', async (_what, args, env, wanted) => {
    const { code, stderr, lines } = await run(args, { ...client, ...env }).ended
    expect([code, lines]).toEqual([1, []])
    expect(JSON.parse(stderr)).toEqual({ code: wanted, message: expect.any(String) })
  })

  test('an unknown outcome names the id to send again with', async () => {
    const token = { GODWIT_SERVER: 'http://127.0.0.1:9', GODWIT_TOKEN: 'x' }
    const args = ['send', '--to', 'c_00AAAAAAAAAAAAAAAAAAAAAA', '--client-message-id', 'moth-9', '--timeout', '0.5', 'hi']
    const { code, stderr } = await run(args, token).ended
    expect([code, JSON.parse(stderr.trim().split('\n').at(-1) ?? '')]).toEqual([
      1,
      { code: 'UNKNOWN_OUTCOME', message: expect.stringContaining('--client-message-id moth-9') },
    ])
  })

  test.each([[['send', '--user', 'ada']], [['tail', '--max', 'many']], [['nothing']], [['send', '--user', 'ada', 'no receiver']]])(
    'wrong usage exits with 2: %j',
    async (args) => {
      expect((await godwit(args).ended).code).toBe(2)
    },
  )
})

describe('serve', () => {
  test('a second server on the same data is refused', async () => {
    const { code, stderr } = await run(['serve'], { GODWIT_DATA: join(folder, 'data'), GODWIT_PORT: '0' }).ended
    expect([code, stderr]).toEqual([2, expect.stringContaining('in use by another Godwit server')])
  })

  test('who is told that it listens may end it at once; and a start compiles what it uses and no more', async () => {
    const cache = join(folder, 'compiled')
    const settings = { GODWIT_DATA: join(folder, 'another'), GODWIT_PORT: '0', GODWIT_LOG_FORMAT: 'json', NODE_COMPILE_CACHE: cache }
    const started = run(['serve'], settings)
    await started.lineWith('"listening"')
    started.child.kill('SIGTERM')
    expect((await started.ended).code).toBe(0)
    // A start is as slow as it has files: a dependency that brings many of them is worth a look.
    expect(readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length).toBeLessThan(620)
  })

  test('a port that is taken, and a bad setting, are named', async () => {
    const other = { GODWIT_DATA: join(folder, 'other'), GODWIT_PORT: String(port) }
    expect(await run(['serve'], other).ended).toMatchObject({ code: 2, stderr: expect.stringContaining(`GODWIT_PORT: ${port}`) })
    expect(await run(['serve'], { GODWIT_PORT: 'http' }).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('GODWIT_PORT must be'),
    })
  })

  test('SIGTERM drains: a tail is told to come back, the server ends with 0, and the tail goes on with the next', async () => {
    const tail = godwit(['tail', '--user', 'grace', '--since-start', '--max', '1000', '--timeout', '20'])
    await tail.lineWith('9 September')
    server.child.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
    await start()
    await godwit(['send', '--user', 'ada', '--to', 'grace', 'after the drain']).ended
    await tail.lineWith('after the drain')
    const texts = tail.lines.map((line) => JSON.parse(line)).map(({ seq }) => seq)
    expect(texts).toEqual(texts.map((_, index) => index + 1))
  })

  test('doctor finds nothing on this machine but the taken port, and says so', async () => {
    const { code, lines } = await run(['doctor'], { GODWIT_DATA: join(folder, 'new', 'data'), GODWIT_PORT: String(port) }).ended
    expect(code).toBe(1)
    expect(lines.filter((line) => line.includes('PROBLEM'))).toEqual([expect.stringContaining(`${port} on 127.0.0.1 is taken`)])
  })

  test('help teaches, in each command', async () => {
    for (const command of [[], ['serve'], ['user', 'add'], ['token'], ['send'], ['tail']]) {
      const { code, lines } = await godwit([...command, '--help']).ended
      expect([code, lines.join('\n')]).toEqual([0, expect.stringContaining('$ ')])
    }
  })
})
