import { describeInChromium, launchChromium } from '@godwit/browser'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Person } from './testing/person-node.ts'
import { TestServer } from './testing/server-node.ts'

/** Texts that have run as script in some messenger, somewhere. */
const hostile = [
  '<script>globalThis.hit = 1</script>',
  '<img src=x onerror="globalThis.hit = 1">',
  '<svg/onload=globalThis.hit=1>',
  '"><iframe srcdoc="<script>parent.hit=1</script>">',
  '[click](javascript:globalThis.hit=1)',
  '[click](JaVaScRiPt&colon;globalThis.hit=1)',
  '[click](\u0001javascript:globalThis.hit=1)',
  '[click](data:text/html;base64,PHNjcmlwdD5oaXQ9MTwvc2NyaXB0Pg==)',
  '![x](javascript:globalThis.hit=1)',
  '<javascript:globalThis.hit=1>',
  '[https://bank.example](https://evil.example)',
  '`<img src=x onerror=globalThis.hit=1>`',
  '```html\n<script>globalThis.hit=1</script>\n```',
  '{{constructor.constructor("globalThis.hit=1")()}}',
  '<a href="vbscript:hit">x</a> <style>*{display:none}</style>',
  `${'>'.repeat(2_000)} deep`,
  `${'[a]('.repeat(500)}x`,
]

describeInChromium('writing and showing text', () => {
  const server = new TestServer()
  let browser: Browser
  let mia: Person
  let noor: Person

  beforeAll(async () => {
    await server.start()
    browser = await launchChromium()
    mia = await Person.register(browser, server.url, 'mia', 'Mia <b>Sørensen</b>')
    noor = await Person.register(browser, server.url, 'noor', 'نور')
    await mia.startChat('noor')
    await mia.say('hej!')
    await noor.open('Mia')
  })
  afterAll(async () => {
    await browser?.close()
    await server.remove()
  })

  test('[T20] hostile text is shown as text and runs nothing, in history, list, quote and title', async () => {
    for (const text of hostile) await mia.say(text)
    await expect.poll(() => noor.page.getByRole('article').count(), { timeout: 20_000 }).toBe(hostile.length + 1)
    await mia.act('<svg/onload', 'Reply')
    await mia.say('an answer to that')
    await noor.message('an answer to that').getByRole('button', { name: /<svg/u }).waitFor()
    for (const { page } of [mia, noor]) {
      expect(await page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined()
      const found = await page.evaluate(() => ({
        schemes: [...document.querySelectorAll('a')].map((link) => link.protocol),
        bad: document.querySelectorAll('article :is(script, img, iframe, style, object, embed), article svg[onload], article b').length,
        opened: [...document.querySelectorAll('article a')].every((link) => link.getAttribute('rel')?.includes('noopener')),
      }))
      expect(found.schemes.filter((scheme) => !['http:', 'https:', 'mailto:'].includes(scheme))).toEqual([])
      expect(found.bad).toBe(0)
      expect(found.opened).toBe(true)
    }
    expect(await noor.row('Mia <b>Sørensen</b>').count()).toBe(1)
    expect(await noor.page.getByRole('link', { name: 'https://bank.example' }).count()).toBe(0)
  })

  test('[T20] hostile names of people and groups are shown as text and run nothing, wherever they stand', async () => {
    const [title, name] = ['<img src=x onerror="globalThis.hit = 1">', '<svg/onload=globalThis.hit=1>']
    const liv = await Person.register(browser, server.url, 'liv', name)
    await liv.page.getByRole('button', { name: 'New group' }).click()
    const dialog = liv.page.getByRole('dialog')
    await dialog.getByLabel('Group name').fill(title)
    for (const other of ['mia', 'noor']) {
      await dialog.getByLabel('Add people').fill(other)
      await dialog.getByRole('button', { name: 'Find' }).click()
      await dialog
        .getByRole('button', { name: /^Take .* out$/u })
        .nth(other === 'mia' ? 0 : 1)
        .waitFor()
    }
    await dialog.getByRole('button', { name: 'Create group with 3 members' }).click()
    await liv.composer.waitFor()
    await liv.say('Wer kommt mit?')
    await noor.open(title)
    await noor.page.getByText(`${name} created the group`).waitFor()
    await noor.page.getByRole('button', { name: 'Details' }).click()
    await noor.page.getByRole('complementary', { name: 'Details' }).getByText(name).first().waitFor()
    for (const { page } of [liv, noor]) {
      expect(await page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined()
      expect(await page.locator('img[onerror], svg[onload]').count()).toBe(0)
    }
    await liv.context.close()
    await noor.open('Mia')
  })

  test('an Enter that ends an input method’s composition never sends', async () => {
    await mia.composer.fill('')
    await mia.composer.focus()
    const before = await mia.page.getByRole('article').count()
    const session = await mia.context.newCDPSession(mia.page)
    await session.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 })
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229 })
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13 })
    await session.send('Input.insertText', { text: '日本' })
    expect(await mia.composer.inputValue()).toContain('日本')
    expect(await mia.page.getByRole('article').count()).toBe(before)
    await mia.composer.press('Enter')
    await noor.message('日本').waitFor()
  })

  test('Shift+Enter breaks the line; code, lists and quotes come out as such', async () => {
    await mia.composer.fill('')
    await mia.composer.pressSequentially('- tide')
    await mia.composer.press('Shift+Enter')
    await mia.composer.pressSequentially('- wind')
    await mia.composer.press('Enter')
    await noor.message('wind').locator('li').nth(1).waitFor()
    await mia.say('```\nconst 鷸 = 1 < 2\n```')
    expect(await noor.message('const 鷸').locator('pre').textContent()).toBe('const 鷸 = 1 < 2')
    await mia.say('مرحبا، كيف الحال؟')
    await noor.message('مرحبا').waitFor()
    expect(
      await noor
        .message('مرحبا')
        .locator('p')
        .first()
        .evaluate((p) => getComputedStyle(p).direction),
    ).toBe('rtl')
  })

  test('a text over 16 KiB says so and is not sent', async () => {
    await mia.composer.fill('潮'.repeat(5_600))
    await mia.page.getByText(/16\.4 of 16 KiB/u).waitFor()
    expect(await mia.page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
    await mia.composer.fill('潮'.repeat(5_461))
    await mia.composer.press('Enter')
    await mia.delivered('潮潮潮', 'Read')
  })

  test('emoji come from our own origin and land where the caret is', async () => {
    const hosts = new Set<string>()
    mia.page.on('request', (request) => hosts.add(new URL(request.url()).origin))
    await mia.composer.fill('before after')
    await mia.composer.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(7, 7))
    await mia.page.getByRole('button', { name: 'Emoji', exact: true }).click()
    await mia.page.getByPlaceholder('Search emoji').fill('duck')
    await mia.page
      .getByRole('gridcell', { name: /duck/iu })
      .or(mia.page.getByRole('button', { name: /duck/iu }))
      .first()
      .click()
    await expect.poll(() => mia.composer.inputValue()).toBe('before 🦆after')
    expect([...hosts]).toEqual([server.url])
    await mia.page.keyboard.press('Escape')
  })

  test('the pages have complained about nothing', () => {
    expect(mia.complaints).toEqual([])
    expect(noor.complaints).toEqual([])
  })
})
