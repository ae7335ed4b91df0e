import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describeInChromium, launchChromium } from '@godwit/browser'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from './testing/person-node.ts'
import { TestServer } from './testing/server-node.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe (WCAG 2.2 A and AA) finds wrong, in words. */
async function faults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }
    return await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
  })
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
}

/** No animation is under way: axe would measure colours in between. */
async function still(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running'))
}

describeInChromium('accessibility', () => {
  const server = new TestServer()
  let browser: Browser

  beforeAll(async () => {
    await server.start()
    browser = await launchChromium()
    const gita = await Person.register(browser, server.url, 'gita', 'Gita Rao')
    const olu = await Person.register(browser, server.url, 'olu', 'Olú Adébáyọ̀')
    await gita.startChat('olu')
    await gita.say('The **minutes** are at https://example.org/minutes, see `§4`')
    await olu.open('Gita Rao')
    await olu.act('The minutes', 'Reply')
    await olu.say('Thank you! @gita 🎉')
    await gita.message('Thank you').hover()
    await gita.message('Thank you').getByRole('button', { name: 'React' }).click()
    await gita.page.getByRole('button', { name: 'React with 👍' }).click()
    await gita.say('> quoted\n\n- one\n- two\n\n```\ncode\n```')
    await gita.say('gone in a moment')
    await gita.act('gone in a moment', 'Delete')
    await gita.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await olu.message('This message was deleted').waitFor()
    await gita.page.getByRole('button', { name: 'New group' }).click()
    await gita.page.getByRole('dialog').getByLabel('Group name').fill('Board')
    await gita.page.getByRole('dialog').getByRole('button', { name: /Olú/u }).click()
    await gita.page.getByRole('button', { name: 'Create group with 2 members' }).click()
    await gita.composer.waitFor()
    await olu.row('Board').waitFor()
    await olu.open('Board')
    await olu.say('Who takes the notes? @gita')
    await gita.message('Who takes the notes').waitFor()
    await gita.context.close()
    await olu.context.close()
  })
  afterAll(async () => {
    await browser?.close()
    await server.remove()
  })

  describe.each(['light', 'dark'] as const)('%s', (theme) => {
    test('sign in, and create an account with faults in it', async () => {
      const { page, context } = await Person.open(browser, server.url, 'nobody', { theme })
      await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
      expect(await faults(page)).toEqual([])
      await page.getByRole('button', { name: 'Create account' }).click()
      await page.getByRole('button', { name: 'Create account' }).click()
      await page.getByText('Too short').waitFor()
      expect(await faults(page)).toEqual([])
      await context.close()
    })

    test('list, conversation, details, and every dialog', async () => {
      const { page, context, ...gita } = await Person.signIn(browser, server.url, 'gita', { theme, width: 1360 })
      const row = (title: string) => page.getByRole('navigation').getByRole('button').filter({ hasText: title })
      const check = async (screen: string) => {
        await still(page)
        expect(await faults(page), screen).toEqual([])
      }
      await row('Board').waitFor()
      await check('nothing is open')
      await row('Board').click()
      await page.getByRole('article').filter({ hasText: 'Who takes the notes' }).waitFor()
      await check('group')
      await page.getByRole('button', { name: 'Details' }).click()
      await page.getByRole('complementary').getByText('Owner').waitFor()
      await check('group and details')
      await page.getByRole('button', { name: 'Close' }).click()
      await row('Olú Adébáyọ̀').click()
      await page.getByRole('article').filter({ hasText: 'Thank you' }).waitFor()
      await check('direct')
      await page.getByRole('article').filter({ hasText: 'Thank you' }).hover()
      await page.getByRole('button', { name: 'Message actions' }).click()
      await page.getByRole('menuitem', { name: 'Reply' }).waitFor()
      await check('menu of a message')
      await page.keyboard.press('Escape')
      for (const [button, inside] of [
        ['Settings', 'This device'],
        ['New chat', 'People you talk with'],
        ['New group', 'Group name'],
      ] as const) {
        await page.getByRole('button', { name: button, exact: true }).click()
        await page.getByRole('dialog').getByText(inside).first().waitFor()
        await check(button)
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
        expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'the focus is back').toBe(button)
      }
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').fill('boa')
      await page.getByRole('option', { name: /Board/u }).waitFor()
      await check('switcher')
      await page.keyboard.press('Enter')
      await page.getByRole('textbox', { name: 'Message to Board' }).waitFor()
      await page.keyboard.press('Control+/')
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
      await check('shortcuts')
      expect(gita.complaints).toEqual([])
      await context.close()
    })
  })

  test('the history is a silent feed; arrivals are read out apart from it', async () => {
    const gita = await Person.signIn(browser, server.url, 'gita')
    const olu = await Person.signIn(browser, server.url, 'olu')
    await gita.open('Board')
    expect(await gita.history.getAttribute('aria-live')).toBe('off')
    await olu.open('Board')
    await olu.say('I can, if nobody else wants to')
    const log = () => gita.page.getByRole('log').textContent()
    await expect.poll(log, { timeout: 5_000 }).toBe('Olú Adébáyọ̀: I can, if nobody else wants to')
    await gita.page.getByRole('article', { name: /^Olú Adébáyọ̀, I can, if nobody else wants to, \d/u }).waitFor()
    await gita.context.close()
    await olu.context.close()
  })

  test('by keyboard alone: choose, write, walk the history, reply', async () => {
    const gita = await Person.signIn(browser, server.url, 'gita')
    const { page } = gita
    await gita.row('Board').waitFor()
    await page.keyboard.press('Alt+ArrowDown')
    await gita.composer.waitFor()
    await page.keyboard.type('typed without a mouse')
    await page.keyboard.press('Enter')
    await gita.message('typed without a mouse').waitFor()
    await gita.message('typed without a mouse').focus()
    await page.keyboard.press('ArrowUp')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-posinset'))).toBeTruthy()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page
      .getByRole('button', { name: /^React with/u })
      .first()
      .waitFor()
    await page.keyboard.press('Escape')
    await gita.context.close()
  })

  test('320 px wide nothing is cut off; with reduced motion nothing moves', async () => {
    const gita = await Person.signIn(browser, server.url, 'gita', { width: 320, height: 640 })
    await gita.page.emulateMedia({ reducedMotion: 'reduce' })
    await gita.open('Olú Adébáyọ̀')
    await gita.message('Thank you').waitFor()
    expect(await gita.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
    expect(await gita.page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').length)).toBe(0)
    await gita.page.getByRole('button', { name: 'Back to chats' }).click()
    await gita.row('Board').waitFor()
    await gita.context.close()
  })
})
