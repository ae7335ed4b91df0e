import { describeInChromium, launchChromium } from '@godwit/browser'
import { type Client, createClient, login, memoryStore } from '@godwit/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Person, password } from './testing/person-node.ts'
import { TestServer } from './testing/server-node.ts'

const messages = 600
const said = [
  'Did the ferry times change?',
  '明日の会議は三時からですね。資料は共有フォルダに入れておきました。',
  'The client asked whether the stairs can move to the north wall, and I would rather not guess before we have measured both sides.',
  '👍',
  '```\nfor (const bird of flock) count(bird)\n```',
  'هل يمكنني إحضار أختي معنا؟',
]

describeInChromium('a long history', () => {
  const server = new TestServer()
  let browser: Browser
  let eva: Person
  let jon: Client

  beforeAll(async () => {
    await server.start()
    browser = await launchChromium()
    eva = await Person.register(browser, server.url, 'eva', 'Eva Brandt')
    const page = await Person.register(browser, server.url, 'jon', 'Jón Þór')
    await page.context.close()
    jon = createClient({ url: server.url, session: await login({ url: server.url, name: 'jon', password }), store: memoryStore() })
    await jon.connect()
    const user = await jon.findUser('eva')
    if (user === null) throw new Error('eva is not there')
    const conversation = await jon.openDirect(user.userId)
    let last: Promise<unknown> = Promise.resolve()
    for (let i = 1; i <= messages; i++) last = conversation.send({ text: `${i}: ${said[i % said.length]}` }).acked
    await last
  })
  afterAll(async () => {
    await jon?.close()
    await browser?.close()
    await server.remove()
  })

  test('opens at the first unread message, with the divider in the top quarter', async () => {
    await eva.row('Jón Þór').getByText('600 unread messages').waitFor()
    await eva.open('Jón Þór')
    await eva.page.getByText('1: The ferry', { exact: false }).or(eva.message('1: 明日')).first().waitFor()
    await eva.page.getByRole('button', { name: /new$/u }).click()
    await eva.message(`${messages}: `).waitFor()
    await eva.row('Jón Þór').getByText('unread').waitFor({ state: 'detached' })
  })

  test('older pages come in without moving what is read, by more than a pixel', async () => {
    let worst = 0
    for (let i = 0; i < 40; i++) {
      const drift = await scrollAndMeasure(eva.page, -2_400)
      if (drift === null) break
      worst = Math.max(worst, drift)
    }
    expect(worst).toBeLessThanOrEqual(1)
    await expect.poll(() => eva.page.getByText('The beginning of your chat').count()).toBe(1)
    expect(await eva.page.getByRole('article').count()).toBeLessThanOrEqual(140)
  })

  test('and newer pages neither, down to the end', async () => {
    let worst = 0
    for (let i = 0; i < 40; i++) {
      const drift = await scrollAndMeasure(eva.page, 2_400)
      if (drift === null) break
      worst = Math.max(worst, drift)
    }
    expect(worst).toBeLessThanOrEqual(1)
    await eva.message(`${messages}: `).waitFor()
  })

  test('arrivals leave a reader above alone, the pill counts them, the divider stays', async () => {
    await scrollAndMeasure(eva.page, -2_000)
    const { conversationId } = jon.conversations.get()[0] ?? {}
    if (conversationId === undefined) throw new Error('no conversation')
    const drift = await eva.page.evaluate(anchorNow)
    for (let i = 1; i <= 20; i++) jon.conversation(conversationId).send({ text: `while you read ${i}` })
    await eva.page.getByRole('button', { name: '20 new' }).waitFor()
    expect(await eva.page.evaluate(anchorMoved, drift)).toBeLessThanOrEqual(1)
    await eva.say('I scroll down by answering')
    await eva.message('I scroll down by answering').waitFor()
    await expect.poll(() => eva.page.evaluate(fromEnd)).toBeLessThanOrEqual(1)
    await expect.poll(() => jon.conversations.get()[0]?.peer?.read).toBe(jon.conversations.get()[0]?.head)
  })

  test('[L8] nothing is read while the tab has no focus; then a divider, in the top quarter', async () => {
    await eva.page.goto(server.url)
    await eva.row('Jón Þór').waitFor()
    const { conversationId } = jon.conversations.get()[0] ?? {}
    if (conversationId === undefined) throw new Error('no conversation')
    const texts = Array.from({ length: 40 }, (_, i) => `news ${i + 1}`)
    await Promise.all(texts.map((text) => jon.conversation(conversationId).send({ text }).acked))
    await eva.row('Jón Þór').getByText('40 unread messages').waitFor()
    await eva.page.evaluate(() => Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true }))
    await eva.open('Jón Þór')
    const divider = eva.page.getByText('New messages', { exact: true }).first()
    await divider.waitFor()
    await eva.message('news 1').waitFor()
    const at = await divider.boundingBox()
    const history = await eva.page.locator('.history-scroll').boundingBox()
    if (!at || !history) throw new Error('not on the screen')
    expect(at.y - history.y).toBeGreaterThanOrEqual(0)
    expect(at.y - history.y).toBeLessThanOrEqual(history.height / 4)
    expect(await eva.row('Jón Þór').getByText('40 unread messages').count()).toBe(1)
    await eva.page.evaluate(() => {
      Reflect.deleteProperty(document, 'hasFocus')
      dispatchEvent(new Event('focus'))
    })
    await expect.poll(() => eva.row('Jón Þór').getByText('40 unread messages').count()).toBe(0)
    await divider.waitFor()
  })

  test('a link to a message opens it in its context, and a place that was left is come back to', async () => {
    const { conversationId } = jon.conversations.get()[0] ?? {}
    await eva.page.goto(`${server.url}/c/${conversationId}/120`)
    await eva.page.locator('article[data-seq="120"][data-flash]').waitFor()
    const box = await eva.page.locator('article[data-seq="120"]').boundingBox()
    expect(box?.y).toBeGreaterThan(100)
    expect(await eva.page.getByRole('article').count()).toBeLessThanOrEqual(140)
    expect(eva.complaints).toEqual([])
  })
})

/** Pixels that the row under the reader's eye moved beyond the scroll itself; null when the end is reached. */
async function scrollAndMeasure(page: Page, by: number): Promise<number | null> {
  return await page.evaluate(async (distance) => {
    const scroller = document.querySelector('.history-scroll')
    if (scroller === null) return null
    const before = scroller.scrollTop
    scroller.scrollTop += distance
    const scrolled = scroller.scrollTop - before
    const { top, height } = scroller.getBoundingClientRect()
    const row = [...scroller.querySelectorAll<HTMLElement>('[data-key]')].find(
      (one) => one.getBoundingClientRect().bottom > top + height / 3,
    )
    if (row === undefined) return null
    const key = row.dataset.key
    const start = row.getBoundingClientRect().top
    let worst = 0
    for (let frame = 0; frame < 8; frame++) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
      const now = [...scroller.querySelectorAll<HTMLElement>('[data-key]')].find((one) => one.dataset.key === key)
      if (now) worst = Math.max(worst, Math.abs(now.getBoundingClientRect().top - start))
    }
    const arrived = distance < 0 ? scroller.scrollTop === 0 : scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < 1
    return scrolled === 0 && arrived ? null : worst
  }, by)
}

function anchorNow(): { key: string; top: number } {
  const scroller = document.querySelector('.history-scroll')
  const edge = scroller?.getBoundingClientRect().top ?? 0
  const row = [...document.querySelectorAll<HTMLElement>('[data-key]')].find((one) => one.getBoundingClientRect().top > edge)
  return { key: row?.dataset.key ?? '', top: row?.getBoundingClientRect().top ?? 0 }
}

function anchorMoved({ key, top }: { key: string; top: number }): number {
  const row = [...document.querySelectorAll<HTMLElement>('[data-key]')].find((one) => one.dataset.key === key)
  return row ? Math.abs(row.getBoundingClientRect().top - top) : Number.POSITIVE_INFINITY
}

function fromEnd(): number {
  const scroller = document.querySelector('.history-scroll')
  return scroller ? scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop : Number.POSITIVE_INFINITY
}
