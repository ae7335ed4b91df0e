import { gzipSync } from 'node:zlib'
import { describeInChromium, launchChromium } from '@godwit/browser'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Person } from './testing/person-node.ts'
import { TestServer } from './testing/server-node.ts'

const kib = 1024
const budgets = { loginScript: 110 * kib, conversationScript: 180 * kib, styles: 25 * kib }

/** Bytes after gzip of what the page has loaded of this kind. */
async function loaded(page: Page, ending: '.js' | '.css'): Promise<number> {
  const names = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name))
  let bytes = 0
  for (const name of new Set(names)) {
    if (new URL(name).pathname.endsWith(ending)) bytes += gzipSync(await (await fetch(name)).bytes()).byteLength
  }
  return bytes
}

describeInChromium('what a page costs', () => {
  const server = new TestServer()
  let browser: Browser

  beforeAll(async () => {
    await server.start()
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await server.remove()
  })

  test('[L9] scripts and styles stay within their budgets, and come from our own origin', async () => {
    const kofi = await Person.register(browser, server.url, 'kofi', 'Kofi Mensah')
    const lu = await Person.open(browser, server.url, 'lu', {})
    await lu.page.getByRole('heading', { name: 'Welcome back' }).waitFor()
    expect(await loaded(lu.page, '.js')).toBeLessThanOrEqual(budgets.loginScript)

    await kofi.page.reload()
    await kofi.page.getByRole('navigation', { name: 'Chats' }).waitFor()
    expect(await loaded(kofi.page, '.js')).toBeLessThanOrEqual(budgets.conversationScript)
    expect(await loaded(kofi.page, '.css')).toBeLessThanOrEqual(budgets.styles)
    const origins = await kofi.page.evaluate(() => performance.getEntriesByType('resource').map((entry) => new URL(entry.name).origin))
    expect(new Set(origins)).toEqual(new Set([server.url]))
  })

  test('the theme that was chosen stands before the first paint', async () => {
    const { page, context } = await Person.open(browser, server.url, 'nobody', { theme: 'light' })
    await page.evaluate(() => localStorage.setItem('godwit.theme', 'dark'))
    await page.route('**/assets/*.js', () => undefined)
    await page.reload({ waitUntil: 'commit' })
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
    await context.close()
  })
})
