/** Two people at the web client in Chromium, behind a proxy that cuts their links too: they type, and in the end their screens are read. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HistoryLine } from '@godwit/history/history.ts'
import { bodyHash } from '@godwit/history/shown.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { chromiumMissing, chromiumPath } from '../../browser/find.ts'
import type { CuttingProxy } from './chaos/cutting-proxy.ts'
import { HeldLog } from './drive/held-log.ts'
import { now } from './drive/recorder.ts'
import type { Random } from './world/random.ts'
import type { Talk } from './world/talk.ts'
import type { Person } from './world/world.ts'

export interface PagesOptions {
  readonly proxy: CuttingProxy
  readonly random: Random
  readonly talk: Talk
  /** The two, with their ids. */
  readonly people: readonly (readonly [person: Person, userId: string])[]
  /** The direct conversation between them. */
  readonly conv: string
  /** For screenshots of the end. */
  readonly folder: string
}

const typeEveryMs = 2_500
const quietForMs = 3_000

interface Screen {
  readonly page: Page
  readonly user: string
  readonly proc: string
}

/** What the page's own store holds of a conversation. */
interface StoredFacts {
  readonly conversationId: string
  readonly head: number
  readonly lastActivityAt: number
  readonly read: number
  readonly mentions: number
  readonly name: string | null
  readonly role: string | null
  readonly memberCount: number
  readonly peer: { readonly delivered: number; readonly read: number } | null
}

interface Snapshot {
  readonly facts: readonly StoredFacts[]
  readonly tails: readonly (readonly [conv: string, tail: readonly { readonly entry: FoldedEntry; readonly asOf: number }[]])[]
  /** Rows of the list as they stand on the screen: Unix ms of the last activity, unread badge. */
  readonly rows: readonly (readonly [at: number, unread: number])[]
  /** Rows of the open conversation: seq, and the text where it is one. */
  readonly messages: readonly (readonly [seq: number, text: string | null])[]
}

export class Pages {
  readonly #o: PagesOptions
  readonly #browser: Browser
  readonly #screens: readonly Screen[]
  readonly lines: HistoryLine[] = []
  /** What the pages complained about. */
  readonly complaints: string[] = []
  #isTyping = false

  private constructor(options: PagesOptions, browser: Browser, screens: readonly Screen[]) {
    this.#o = options
    this.#browser = browser
    this.#screens = screens
  }

  /** Signs both in through the page. null with the reason where there is no Chromium. */
  static async open(options: PagesOptions): Promise<Pages | string> {
    if (chromiumPath === undefined) return chromiumMissing
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const browser = await chromium.launch({ executablePath: chromiumPath, args })
    try {
      const screens: Screen[] = []
      const pages = new Pages(options, browser, screens)
      for (const [i, [person, user]] of options.people.entries()) {
        const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } })
        screens.push({ page: await pages.#signIn(context, person), user, proc: `page-${i}` })
      }
      for (const [i, { page }] of screens.entries()) await openChat(page, (options.people[1 - i] as PagesOptions['people'][number])[0])
      return pages
    } catch (error) {
      await browser.close()
      throw error
    }
  }

  /** Until `stopTyping`: a line now and then, from each. A browser that ends is a complaint; the run goes on without it. */
  async type(): Promise<void> {
    this.#isTyping = true
    await this.#complainingly(() => this.#type())
  }

  async #type(): Promise<void> {
    const { random, conv } = this.#o
    while (this.#isTyping) {
      const { page, user, proc } = random.pick(this.#screens)
      const text = this.#line()
      await composer(page).fill(text)
      this.lines.push({ t: now(), proc, op: 'typed', type: 'invoke', user, conv, hash: bodyHash('message', { text }) })
      await composer(page).press('Enter')
      await new Promise((resolve) => setTimeout(resolve, random.wait(typeEveryMs)))
    }
  }

  stopTyping(): void {
    this.#isTyping = false
  }

  /** Reads both screens once both have stood still for a while, or the time is over. */
  async readScreens(timeoutMs: number): Promise<void> {
    await this.#complainingly(() => this.#readScreens(timeoutMs))
  }

  async #readScreens(timeoutMs: number): Promise<void> {
    const snapshots = await this.#settled(timeoutMs)
    for (const [i, screen] of this.#screens.entries()) {
      const { facts, tails, rows, messages } = snapshots[i] as Snapshot
      const { user, proc } = screen
      await screen.page.screenshot({ path: join(this.#o.folder, `${proc}.png`) })
      const t = now()
      const order = idsInOrder(facts, rows)
      this.lines.push({ t, proc, op: 'list', type: 'ok', user, order })
      for (const { conversationId: conv, head, lastActivityAt: at, read, mentions, name, role, memberCount, peer } of facts) {
        const unread = rows[order.indexOf(conv)]?.[1] ?? 0
        const entries = tailDigests(tails.find(([id]) => id === conv)?.[1] ?? [])
        const line = { t, proc, op: 'view', type: 'ok', user, conv, head, at, read, unread, mentions, name } as const
        this.lines.push({ ...line, role, memberCount, peer, entries, isTail: true })
      }
      this.lines.push({ t, proc, op: 'screen', type: 'ok', user, conv: this.#o.conv, rows: messages })
    }
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }

  async #complainingly(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.complaints.push(`the pages: ${error instanceof Error ? error.message : error}`)
    }
  }

  async #signIn(context: BrowserContext, { name, password }: Person): Promise<Page> {
    const page = await context.newPage()
    page.on('console', (message) => appendFileSync(join(this.#o.folder, 'pages.log'), `${name} ${message.text()}\n`))
    page.on('pageerror', (error) => this.complaints.push(`a page complained: ${error.stack ?? error}`))
    await page.goto(this.#o.proxy.url)
    await page.getByLabel('User name').fill(name)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation', { name: 'Chats' }).waitFor()
    return page
  }

  /** One line without markup, so that the screen shows it as it was typed. */
  #line(): string {
    for (;;) {
      const text = this.#o.talk.message().slice(0, 200).toWellFormed().trim()
      if (text.length > 1 && !/[\n\r\t*_`~<>|\\:@#[\]\u200B-\u202E\uFFFD-]|^\d|https?/u.test(text)) return text
    }
  }

  /** Together: what one has read is a cursor on the screen of the other. */
  async #settled(timeoutMs: number): Promise<readonly Snapshot[]> {
    const until = performance.now() + timeoutMs
    let before = ''
    let since = performance.now()
    for (;;) {
      const areOnline = await Promise.all(this.#screens.map(({ page }) => isOnline(page)))
      const snapshots = await Promise.all(this.#screens.map(({ page }) => page.evaluate(readPage)))
      const text = JSON.stringify(snapshots)
      if (areOnline.includes(false) || text !== before) since = performance.now()
      before = text
      if (performance.now() - since > quietForMs || performance.now() > until) return snapshots
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

/** One that is not is asked to try now. */
async function isOnline(page: Page): Promise<boolean> {
  const tryNow = page.getByRole('button', { name: 'Try now' })
  if (!(await tryNow.isVisible())) return true
  // It may be gone by then: the page tries by itself too.
  await tryNow.click({ timeout: 1_000 }).catch(() => {})
  return false
}

function composer(page: Page) {
  return page.getByRole('textbox', { name: /^Message to/u })
}

async function openChat(page: Page, other: Person): Promise<void> {
  await page.getByRole('button', { name: 'New chat' }).first().click()
  await page.getByRole('dialog').getByLabel('User name').fill(other.name)
  await page.getByRole('button', { name: 'Find' }).click()
  await composer(page).waitFor()
}

/** The ids of the rows on the screen, found by their time; of the same time, in the order that is due. */
function idsInOrder(facts: Snapshot['facts'], rows: Snapshot['rows']): string[] {
  const left = [...facts].sort((a, b) => (a.conversationId < b.conversationId ? 1 : -1))
  return rows.map(([at]) => {
    const i = left.findIndex(({ lastActivityAt }) => lastActivityAt === at)
    return i < 0 ? `nothing of ${at}` : (left.splice(i, 1)[0] as StoredFacts).conversationId
  })
}

function tailDigests(tail: readonly { readonly entry: FoldedEntry; readonly asOf: number }[]) {
  const log = new HeldLog()
  for (const { entry, asOf } of tail) log.tell(entry, asOf)
  return log.digests()
}

/** Runs in the page. */
async function readPage(): Promise<Snapshot> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const db = await done(indexedDB.open('godwit'))
  const pairs = db.transaction('pairs').objectStore('pairs')
  const all = async (prefix: string) => {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
    const [keys, values] = await Promise.all([done(pairs.getAllKeys(range)), done(pairs.getAll(range))])
    return keys.map((key, i) => [String(key).slice(prefix.length), values[i]] as const)
  }
  const [conversations, tails] = await Promise.all([all('c/'), all('t/')])
  db.close()
  return {
    facts: conversations.map(([, stored]) => stored.facts),
    tails: tails.map(([id, stored]) => [id, stored.tail] as const),
    rows: [...document.querySelectorAll('.list-row')].map((row) => {
      const badge = row.querySelector('.badge:not(.badge-mention) [aria-hidden]')?.textContent ?? '0'
      return [Date.parse(row.querySelector('time')?.dateTime ?? ''), badge.endsWith('+') ? 1_000 : Number(badge)] as const
    }),
    messages: [...document.querySelectorAll<HTMLElement>('[data-seq]')].map(
      (row) => [Number(row.getAttribute('data-seq')), row.querySelector('.text')?.textContent ?? null] as const,
    ),
  }
}
