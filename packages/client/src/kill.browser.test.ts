import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeInChromium } from '../../../tools/browser/chromium.ts'
import { chromiumPath } from '../../../tools/browser/find.ts'
import { createClient, register } from './client.ts'
import { RealServer } from './testing/server-node.ts'
import type { Client, Session } from './types.ts'
import './testing/page.ts'

const password = 'Schlickwatt um 6:10'

describeInChromium('killed in the middle of a send', () => {
  let server: RealServer
  let script: string
  let amina: Session
  let bjorn: Client
  let talk: ConversationId
  const open = new Set<BrowserContext>()

  beforeEach(async () => {
    server = new RealServer()
    await server.start()
    script = await bundle()
    const { url } = server
    amina = await register({ url, name: 'amina', password })
    bjorn = createClient({ url, session: await register({ url, name: 'bjorn', password }) })
    await bjorn.connect()
    talk = (await bjorn.openDirect(amina.userId)).id
  })

  afterEach(async () => {
    for (const context of open) await context.close().catch(() => {})
    open.clear()
    await bjorn.close()
    await server.end()
  })

  /** A browser that keeps its profile, so that the next one finds what it left. */
  async function browser(): Promise<BrowserContext> {
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const context = await chromium.launchPersistentContext(profile(), { executablePath: chromiumPath ?? '', args })
    open.add(context)
    return context
  }

  const profile = () => join(server.folder, 'chromium')

  /** The lock of the profile names the process. */
  function killBrowser(): void {
    const pid = Number(readlinkSync(join(profile(), 'SingletonLock')).split('-').at(-1))
    process.kill(pid, 'SIGKILL')
  }

  async function tab(context: BrowserContext): Promise<Page> {
    const page = await context.newPage()
    await page.route('**/client-test', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>client</title>' }))
    await page.goto(`${server.url}/client-test`)
    await page.addScriptTag({ content: script, type: 'module' })
    await page.waitForFunction(() => typeof globalThis.openClient === 'function')
    await page.evaluate(([url, session]) => void globalThis.openClient(url, session), [server.url, amina] as const)
    return page
  }

  /** Messages in the log, by text. */
  async function texts(): Promise<string[]> {
    const { entries } = await bjorn.conversation(talk).history({ limit: 200 })
    return entries.flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []))
  }

  const settled = (page: Page) =>
    page.waitForFunction(() => globalThis.client.connection.get().status === 'online' && globalThis.client.outbox.get().length === 0)

  it('[L3][L5] a killed browser sends what it had stored, once and in order, when it is opened again', async () => {
    const page = await tab(await browser())
    const stored: string[] = []
    const died = new Promise((resolve) => page.on('crash', resolve).on('close', resolve))
    await page.exposeFunction('tell', (text: string) => {
      stored.push(text)
      if (stored.length === 12) killBrowser()
    })
    await page
      .evaluate((id) => {
        const { tell } = globalThis as unknown as { tell: (text: string) => Promise<void> }
        for (let i = 0; i < 40; i++) {
          const text = `涨潮 6:${10 + i}`
          void globalThis.client
            .conversation(id)
            .send({ text })
            .stored.then(() => tell(text))
        }
      }, talk)
      .catch(() => {})
    await died
    await settled(await tab(await browser()))
    const all = await texts()
    expect(new Set(all).size).toBe(all.length)
    expect(all.filter((text) => stored.includes(text))).toEqual(stored)
  })

  it('[L3][L5] two tabs share one outbox; when the one that sends is gone, the other goes on', async () => {
    const context = await browser()
    const [first, second] = [await tab(context), await tab(context)]
    await settled(first)
    const send = (page: Page, name: string) =>
      page.evaluate(
        async ([id, name]) => {
          const talk = globalThis.client.conversation(id)
          await Promise.all(Array.from({ length: 10 }, (_, i) => talk.send({ text: `${name} ${i}` }).stored))
        },
        [talk, name] as const,
      )
    await Promise.all([send(first, 'left'), send(second, 'right')])
    await Promise.all([settled(first), settled(second)])
    await first.close()
    await send(second, 'alone')
    await settled(second)
    const all = await texts()
    expect(all).toHaveLength(30)
    for (const name of ['left', 'right', 'alone'])
      expect(all.filter((text) => text.startsWith(name))).toEqual(Array.from({ length: 10 }, (_, i) => `${name} ${i}`))
    const reported = await second.evaluate((id) => {
      const { items } = globalThis.client.conversation(id).timeline.get()
      return new Promise<number[]>((resolve) => {
        const { timeline } = globalThis.client.conversation(id)
        const look = () => timeline.get().items.length >= 30 && resolve(timeline.get().items.map(({ seq }) => seq ?? 0))
        timeline.subscribe(look)
        if (items.length >= 30) look()
      })
    }, talk)
    expect(reported).toEqual([...new Set(reported)].sort((a, b) => a - b))
  })
})

async function bundle(): Promise<string> {
  const input = fileURLToPath(new URL('./testing/page.ts', import.meta.url))
  const built = await build({ configFile: false, logLevel: 'error', build: { write: false, minify: false, rollupOptions: { input } } })
  if (!('output' in built)) throw new Error('one bundle is expected')
  return built.output[0].code
}
