import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, login, register } from './client.ts'
import { RealServer } from './testing/server-node.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const samples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string)
const password = 'low tide at 14:52'

const server = new RealServer()
/** Where somebody has installed the SDK. */
const folder = mkdtempSync(join(tmpdir(), 'godwit-readme-'))

beforeAll(async () => {
  symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(folder, 'node_modules'))
  await server.start()
  for (const name of ['amina', 'bjorn', 'tidebot']) await register({ url: server.url, name, password })
})

afterAll(async () => {
  await server.end()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a sample as printed, but for the address of the server. */
function run(sample: string) {
  const code = sample.replaceAll('http://localhost:8080', server.url)
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', code], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
}

test('the first sample of the README runs as printed', async () => {
  const child = run(samples[0] as string)
  const said = (await child.stdout.setEncoding('utf8').toArray()).join('')
  expect(said).toMatch(/^c_00\S+ 1 created\nc_00\S+ 2 message\nin the log, for ever, at 2\n$/)
})

test('the bot of the README answers each question once over restarts, as one device', async () => {
  const { url } = server
  const bot = samples.find((sample) => sample.includes('fileStore')) as string
  const asker = createClient({ url, session: await login({ url, name: 'bjorn', password }), since: 'start' })
  const answers: (number | undefined)[] = []
  asker.on('entry', ({ entry }) => {
    if (entry.kind === 'message' && entry.text === 'Low tide at 14:52') answers.push(entry.replyTo)
  })
  await asker.connect()
  const tidebot = await asker.findUser('tidebot')
  const talk = await asker.openDirect(tidebot?.userId ?? 'u_nobody')
  const asked: number[] = []
  for (let life = 0; life < 2; life++) {
    const child = run(bot)
    const { seq } = await talk.send({ text: '!tide' }).acked
    asked.push(seq)
    await expect.poll(() => answers, { timeout: 20_000 }).toEqual(asked)
    // The position is written a moment after the answer has gone out, and may have that one in it already.
    const position = () =>
      Math.max(...[...readFileSync(join(folder, 'bot.store'), 'utf8').matchAll(/"to":(\d+)/g)].map(([, to]) => Number(to)))
    await expect.poll(position, { timeout: 5_000 }).toBeGreaterThanOrEqual(seq)
    child.kill()
    await child.stdout.toArray()
  }
  await asker.close()
  const session = await login({ url, name: 'tidebot', password })
  const own = createClient({ url, session })
  await own.load()
  // The registration above, the bot, and this one.
  expect(await own.devices()).toHaveLength(3)
})
