/** Somebody at a browser, as tests tell it. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'

export const password = 'Prärie-Läufer 鷸 7'

interface Look {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
}

export class Person {
  /** Another one after `reopen`. */
  page: Page
  readonly context: BrowserContext
  readonly name: string
  /** What the page complained about: a test expects none. */
  readonly complaints: string[]

  private constructor(name: string, context: BrowserContext, page: Page, complaints: string[]) {
    this.name = name
    this.context = context
    this.page = page
    this.complaints = complaints
  }

  static async register(browser: Browser, url: string, name: string, displayName: string, look: Look = {}): Promise<Person> {
    const person = await Person.open(browser, url, name, look)
    const { page } = person
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByLabel('User name').fill(name)
    await page.getByLabel('Display name').fill(displayName)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('navigation', { name: 'Chats' }).waitFor()
    return person
  }

  /** Another device of theirs, or the first one of an account made elsewhere. */
  static async signIn(browser: Browser, url: string, name: string, look: Look = {}): Promise<Person> {
    const person = await Person.open(browser, url, name, look)
    const { page } = person
    await page.getByLabel('User name').fill(name)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation', { name: 'Chats' }).waitFor()
    return person
  }

  static async open(browser: Browser, url: string, name: string, { width = 1280, height = 800, theme = 'light' }: Look): Promise<Person> {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: 'en-GB' })
    context.setDefaultTimeout(10_000)
    const complaints: string[] = []
    const page = await watchedPage(context, complaints)
    await page.goto(url)
    return new Person(name, context, page, complaints)
  }

  /** The page ends with no warning, as when the browser is killed. */
  async crash(): Promise<void> {
    const session = await this.context.newCDPSession(this.page)
    // The answer never comes: the page is gone.
    void session.send('Page.crash').catch(() => undefined)
    await this.page.waitForEvent('crash')
  }

  /** A new page where the last one was. */
  async reopen(): Promise<void> {
    const url = this.page.url()
    await this.page.close()
    this.page = await watchedPage(this.context, this.complaints)
    await this.page.goto(url)
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to/u })
  }

  get history(): Locator {
    return this.page.getByRole('feed')
  }

  /** The message with this text. */
  message(text: string): Locator {
    return this.page.getByRole('article').filter({ hasText: text }).last()
  }

  row(title: string): Locator {
    return this.page.getByRole('navigation', { name: 'Chats' }).getByRole('button').filter({ hasText: title })
  }

  async startChat(userName: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New chat' }).first().click()
    await this.page.getByRole('dialog').getByLabel('User name').fill(userName)
    await this.page.getByRole('button', { name: 'Find' }).click()
    await this.composer.waitFor()
  }

  async open(title: string): Promise<void> {
    await this.row(title).click()
    await this.composer.waitFor()
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** Chooses from the menu of a message. */
  async act(text: string, action: string): Promise<void> {
    await this.message(text).hover()
    await this.message(text).getByRole('button', { name: 'Message actions' }).click()
    await this.page.getByRole('menuitem', { name: action, exact: true }).click()
  }

  /** Waits until an own message has come this far. */
  async delivered(text: string, state: 'Waiting to be sent' | 'Sent' | 'Delivered' | 'Read' | 'Not sent'): Promise<void> {
    await this.message(text).locator('.tick').filter({ hasText: state }).waitFor()
  }
}

async function watchedPage(context: BrowserContext, complaints: string[]): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)))
  page.on('console', (message) => {
    // The browser itself reports requests that fail while a test is offline.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection|ERR_/u.test(message.text()))
      complaints.push(message.text())
  })
  return page
}
