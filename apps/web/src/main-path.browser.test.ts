import { describeInChromium, launchChromium } from '@godwit/browser'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Person } from './testing/person-node.ts'
import { TestServer } from './testing/server-node.ts'

describeInChromium('two people, each at their own browser', () => {
  const server = new TestServer()
  let browser: Browser
  let ana: Person
  let bo: Person

  beforeAll(async () => {
    await server.start()
    browser = await launchChromium()
    ana = await Person.register(browser, server.url, 'ana', 'Ana Lima')
    bo = await Person.register(browser, server.url, 'bo', 'Bo Eriksen')
    await ana.startChat('bo')
  })
  afterAll(async () => {
    await browser?.close()
    await server.remove()
  })

  test('a message arrives with its marks, and the ticks go from sent to read', async () => {
    await ana.say('Ahoy Bo 👋 did you see the **godwits** at the dyke?')
    await bo.row('Ana Lima').getByText('1 unread message').waitFor()
    expect(await bo.page.title()).toBe('(1) Godwit')
    await ana.delivered('Ahoy Bo', 'Delivered')
    await bo.open('Ana Lima')
    expect(await bo.message('Ahoy Bo').locator('strong').textContent()).toBe('godwits')
    await ana.delivered('Ahoy Bo', 'Read')
    await expect.poll(() => bo.page.title()).toBe('Godwit')
  })

  test('typing shows, and ends with the message', async () => {
    await bo.composer.pressSequentially('明日')
    await ana.page.locator('.chat-typing').waitFor()
    await bo.say('明日見に行きます')
    await ana.message('明日見に行きます').waitFor()
    await ana.page.locator('.chat-typing').waitFor({ state: 'detached' })
  })

  test('reply, reaction, edit and deletion reach the other one', async () => {
    await bo.act('Ahoy Bo', 'Reply')
    await bo.say('All forty of them')
    await ana
      .message('All forty of them')
      .getByRole('button', { name: /You.*godwits/u })
      .click()
    await ana.page.locator('article[data-flash]').waitFor()

    await ana.message('All forty of them').hover()
    await ana.message('All forty of them').getByRole('button', { name: 'React' }).click()
    await ana.page.getByRole('button', { name: 'React with 🎉' }).click()
    await bo.message('All forty of them').getByRole('button', { name: /🎉 1/u }).waitFor()

    await bo.composer.press('ArrowUp')
    await expect.poll(() => bo.composer.inputValue()).toBe('All forty of them')
    await bo.say('All forty-two of them')
    await ana.message('All forty-two of them').getByText('edited').waitFor()

    await ana.say('Wrong chat, sorry')
    await bo.message('Wrong chat, sorry').waitFor()
    await ana.act('Wrong chat, sorry', 'Delete')
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await bo.message('This message was deleted').waitFor()
    await expect.poll(() => bo.page.getByText('Wrong chat, sorry').count()).toBe(0)
  })

  test('[L8] reading on one device clears the badge on the other', async () => {
    await ana.open('Bo Eriksen')
    await bo.page.goto(server.url)
    await bo.page.getByRole('navigation', { name: 'Chats' }).waitFor()
    const phone = await Person.signIn(browser, server.url, 'bo', { width: 390, height: 844 })
    await ana.say('Tide is at 11:20')
    await bo.row('Ana Lima').getByText('1 unread message').waitFor()
    await phone.open('Ana Lima')
    await phone.message('Tide is at 11:20').waitFor()
    await bo.row('Ana Lima').getByText('unread message').waitFor({ state: 'detached' })
    await expect.poll(() => bo.page.title()).toBe('Godwit')
    await phone.say('Read it on the train 🚆')
    await bo.row('Ana Lima').getByText('Read it on the train').waitFor()
    expect(phone.complaints).toEqual([])
    await phone.context.close()
  })

  test('[L4] what is written offline goes out once, in order', async () => {
    await bo.open('Ana Lima')
    await ana.context.setOffline(true)
    await ana.say('first, from the tunnel')
    await ana.say('second, from the tunnel')
    await ana.delivered('second, from the tunnel', 'Waiting to be sent')
    await ana.page.getByText('Offline. Messages are sent when the connection is back.').waitFor()
    await ana.context.setOffline(false)
    await ana.delivered('second, from the tunnel', 'Read')
    const texts = await bo.page.getByRole('article').filter({ hasText: 'from the tunnel' }).locator('.text').allTextContents()
    expect(texts).toEqual(['first, from the tunnel', 'second, from the tunnel'])
  })

  test('[L4] kill -9 of the server, then of the page, in the middle of a send: it arrives once', async () => {
    await server.kill()
    await ana.say('sent into a dead server 🕳️')
    await ana.delivered('sent into a dead server', 'Waiting to be sent')
    await ana.page.getByText('Offline. Messages are sent when the connection is back.').waitFor()
    await ana.crash()
    await server.start()
    await ana.reopen()
    await bo.message('sent into a dead server').waitFor({ timeout: 30_000 })
    await ana
      .message('sent into a dead server')
      .locator('.tick')
      .filter({ hasText: /Sent|Delivered|Read/u })
      .waitFor()
    expect(await bo.page.getByRole('article').filter({ hasText: 'sent into a dead server' }).count()).toBe(1)
  })

  test('a draft is kept through a reload, also when it is an emoji', async () => {
    await ana.composer.fill('🦆')
    await ana.page.reload()
    await ana.composer.waitFor()
    await expect.poll(() => ana.composer.inputValue()).toBe('🦆')
    await ana.composer.fill('')
  })

  test('a group: create, mention, rename, promote, leave', async () => {
    const cy = await Person.register(browser, server.url, 'cy.li', '李 思')
    await ana.page.getByRole('button', { name: 'New group' }).click()
    const dialog = ana.page.getByRole('dialog')
    await dialog.getByLabel('Group name').fill('Wadden Sea trip')
    await dialog.getByRole('button', { name: /Bo Eriksen/u }).click()
    await dialog.getByLabel('Add people').fill('cy.li')
    await dialog.getByRole('button', { name: 'Find' }).click()
    await dialog.getByRole('button', { name: 'Take 李 思 out' }).waitFor()
    await dialog.getByRole('button', { name: 'Create group with 3 members' }).click()
    await ana.page.getByRole('heading', { name: 'Wadden Sea trip' }).or(ana.page.getByText('You created the group')).first().waitFor()

    await cy.open('Wadden Sea trip')
    await ana.composer.pressSequentially('Who drives? @cy')
    await ana.page.getByRole('option', { name: /李 思/u }).waitFor()
    await ana.composer.press('Enter')
    await expect.poll(() => ana.composer.inputValue()).toBe('Who drives? @cy.li ')
    await ana.composer.press('Enter')
    await cy.message('Who drives?').locator('.mention[data-me]').waitFor()
    await bo.row('Wadden Sea trip').waitFor()

    await ana.page.getByRole('button', { name: 'Details' }).click()
    const details = ana.page.getByRole('complementary', { name: 'Details' })
    await details.getByLabel('Group name').fill('Wadden Sea, May')
    await details.getByRole('button', { name: 'Save' }).click()
    await cy.row('Wadden Sea, May').waitFor()
    await details.getByRole('button', { name: 'Actions for Bo Eriksen' }).click()
    await ana.page.getByRole('menuitem', { name: 'Make admin' }).click()
    await cy.page.getByText('Ana Lima made Bo Eriksen admin').waitFor()

    await cy.page.getByRole('button', { name: 'Details' }).click()
    await cy.page.getByRole('button', { name: 'Leave group' }).click()
    await cy.page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click()
    await ana.page.getByText('李 思 left').waitFor()
    await cy.row('Wadden Sea, May').click()
    await cy.page.getByText('You are no longer a member of this group').waitFor()
    expect(cy.complaints).toEqual([])
    await cy.context.close()
  })

  test('a revoked device is signed out, and told so', async () => {
    const phone = await Person.signIn(browser, server.url, 'ana', { width: 390, height: 844 })
    await ana.page.getByRole('button', { name: 'Settings' }).click()
    await ana.page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'Active' }).getByRole('button', { name: 'Sign out' }).click()
    await phone.page.getByText('This device was signed out from another one').waitFor()
    await phone.context.close()
  })

  test('the pages have complained about nothing', () => {
    expect(ana.complaints).toEqual([])
    expect(bo.complaints).toEqual([])
  })
})
