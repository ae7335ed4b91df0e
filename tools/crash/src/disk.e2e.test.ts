/** What a failing disk looks like to clients of a real server. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, ServerProcess } from '@godwit/load/chaos/server-process.ts'
import { Http } from '@godwit/load/http.ts'
import { afterEach, expect, test } from 'vitest'
import { openWs, type WsClient } from '../../../apps/server/src/testing/live-client.ts'
import { startOf, straceProblem } from './blows.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-disk-'))
  endings.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function serverOn(folder: string): Promise<ServerProcess> {
  const env = { GODWIT_LOG_FORMAT: 'json' }
  const logFile = join(temporaryFolder(), 'server.log')
  const server = new ServerProcess({ port: await freePort(), dataFolder: join(folder, 'data'), logFile, env })
  endings.push(() => server.kill())
  return server
}

/** Two people and what they have between them. */
async function meet(http: Http) {
  const person = (name: string) => ({ name, displayName: name, password: 'mudflats at low tide' })
  const [ana, bor] = [await http.register(person('ana')), await http.register(person('bor'))]
  const { conversation } = await http.openDirect(ana.accessToken, bor.userId)
  return { token: ana.accessToken, to: conversation.conversationId }
}

/** Sends one message and waits for its ack, its refusal, or the end of the connection. */
async function say(client: WsClient, to: string, clientMsgId: string, text: string): Promise<string> {
  const from = client.frames.length
  client.send({ type: 'message', to, clientMsgId, text })
  const answer = await Promise.race([
    client.next('ack', from, (ack) => 'clientMsgId' in ack && ack.clientMsgId === clientMsgId).then(() => 'acked'),
    client.next('error', from).then(({ code }) => code),
    client.closed.then(() => 'closed'),
  ])
  return answer
}

test('[L4] a full disk: sends are refused with STORAGE_FULL, reading goes on, and sends are taken again when there is room', async (context) => {
  const disk = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    return context.skip(`a small tmpfs cannot be mounted here: ${error instanceof Error ? error.message : error}`)
  }
  endings.push(() => execFileSync('umount', [disk]))
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, Buffer.alloc(6 * 1024 * 1024))
  const server = await serverOn(disk)
  await server.start()
  const http = new Http(server.url)
  const { token, to } = await meet(http)
  const client = await (await openWs(server.url)).greet(token)

  const long = '鳥🐦'.repeat(1_500)
  const acked: string[] = []
  let answer = ''
  for (let n = 0; n < 2_000; n++) {
    answer = await say(client, to, `bird-${n}`, long)
    if (answer !== 'acked') break
    acked.push(`bird-${n}`)
  }
  expect(answer).toBe('STORAGE_FULL')

  const stored = async () => {
    const ids: string[] = []
    for (let after = 0; ; ) {
      const { entries } = await http.page(token, to, after)
      if (entries.length === 0) return ids
      for (const entry of entries) if (entry.kind === 'message') ids.push(entry.clientMsgId)
      after = entries.at(-1)?.seq ?? after
    }
  }
  expect(await stored()).toEqual(acked)

  rmSync(ballast)
  const next = `bird-${acked.length}`
  expect(await say(client, to, next, long)).toBe('acked')
  expect(await stored()).toEqual([...acked, next])
  expect(server.crashes).toEqual([])
  client.end()
})

test('[L4] after an fsync that failed the process ends, syncs nothing more, and has every ack at its next start', async (context) => {
  const problem = straceProblem()
  if (problem) return context.skip(problem)
  const folder = temporaryFolder()
  const server = await serverOn(folder)
  await server.start()
  const http = new Http(server.url)
  const { token, to } = await meet(http)
  await server.stop()

  const trace = join(folder, 'strace.txt')
  await server.start(startOf({ kind: 'fsync-error', nth: 20 }, trace, {}))
  const client = await (await openWs(server.url)).greet(token)
  const acked: string[] = []
  for (let n = 0; (await say(client, to, `bird-${n}`, `Knutt ${n}`)) === 'acked'; n++) acked.push(`bird-${n}`)
  expect(await server.ended).toEqual({ code: 1, signal: null })
  expect(acked.length).toBeGreaterThan(5)

  const calls = readFileSync(trace, 'utf8').split('\n')
  const failed = calls.findIndex((line) => line.includes('(INJECTED)'))
  const thread = calls[failed]?.split(' ')[0] ?? ''
  expect(calls.slice(failed + 1).filter((line) => line.startsWith(`${thread} `) && line.includes('fsync('))).toEqual([])

  await server.start()
  const { entries } = await http.page(token, to, 0)
  expect(entries.map(({ clientMsgId }) => clientMsgId)).toEqual(expect.arrayContaining(acked))
})
