/** What plain HTTP answers when all is quiet, in the same form as what devices show. */
import type { HistoryLine, ViewLine } from '@godwit/history/history.ts'
import { HeldLog } from './drive/held-log.ts'
import { now } from './drive/recorder.ts'
import { type Http, inParallel } from './http.ts'

export interface Reader {
  readonly user: string
  readonly token: string
  /** Whether every entry is read too, besides the list. */
  readonly history: boolean
}

const atOnce = 4

/** `freshToken` signs a user in anew: the token of a device may have little time left. */
export async function askHttp(
  http: Http,
  readers: readonly Reader[],
  freshToken: (user: string) => Promise<string>,
): Promise<HistoryLine[]> {
  const lines = await inParallel(readers, atOnce, async (reader) => {
    try {
      return await readAll(http, reader)
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'TOKEN_EXPIRED') throw error
      return readAll(http, { ...reader, token: await freshToken(reader.user) })
    }
  })
  return lines.flat()
}

async function readAll(http: Http, { user, token, history }: Reader): Promise<HistoryLine[]> {
  const lines: HistoryLine[] = []
  const order: string[] = []
  for (let cursor: string | null = null; ; ) {
    const page = await http.list(token, cursor)
    for (const summary of page.conversations) {
      const { conversationId: conv, head, read, unread, mentions, name, role, memberCount, peer, lastActivityAt: at } = summary
      order.push(conv)
      const entries: ViewLine['entries'] = history ? await readHistory(http, token, conv) : null
      const line = { t: now(), proc: 'http', op: 'view', type: 'ok', user, conv, head, at, read, unread, mentions } as const
      lines.push({ ...line, name, role, memberCount, peer, entries })
    }
    cursor = page.cursor
    if (cursor === null) break
  }
  return [...lines, { t: now(), proc: 'http', op: 'list', type: 'ok', user, order }]
}

async function readHistory(http: Http, token: string, conv: string): Promise<ViewLine['entries']> {
  const log = new HeldLog()
  for (;;) {
    const page = await http.page(token, conv, log.last)
    for (const entry of page.entries) log.tell(entry, page.head)
    if (!page.more.after || page.entries.length === 0) return log.digests()
  }
}
