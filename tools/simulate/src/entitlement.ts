/** L6, T7: no frame and no answer may hold an entry that its reader is not entitled to, whatever the SDK makes of it. */
import { Expected } from '@godwit/history/expect.ts'
import { contains } from '@godwit/history/membership.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { dumpOf } from './judge.ts'
import type { Problem, World } from './world.ts'

export class Entitlement {
  readonly #told = new Map<string, { readonly user: UserId; readonly conv: string; readonly seq: number; readonly where: string }>()

  /** A frame on its way to a device of the user. */
  sent(user: UserId, frame: DownFrame): void {
    if (frame.type === 'entry') this.#add(user, frame.entry, frame.type)
    if (frame.type === 'resumed' || frame.type === 'conversations')
      for (const { entries, preview } of frame.conversations) for (const entry of [...entries, preview]) this.#add(user, entry, frame.type)
  }

  /** An answer of the HTTP API. */
  answered(user: UserId, path: string, body: string): void {
    if (!path.startsWith('/v1/conversations')) return
    const { entries = [], conversation, conversations = [] } = JSON.parse(body) as Answer
    for (const entry of entries) this.#add(user, entry, path)
    for (const summary of [conversation, ...conversations])
      for (const entry of [...(summary?.entries ?? []), summary?.preview]) this.#add(user, entry, path)
  }

  problems(world: World): readonly Problem[] {
    const expected = new Expected(dumpOf(world))
    return [...this.#told.values()]
      .filter(({ user, conv, seq }) => !contains(expected.conversations.get(conv)?.spansOf(user) ?? [], seq))
      .map(({ user, conv, seq, where }) => ({
        rule: 'C11',
        message: `${where} gave ${user} the entry ${seq} of ${conv}, outside its membership`,
      }))
  }

  #add(user: UserId, entry: Entry | null | undefined, where: string): void {
    if (entry) this.#told.set(`${user} ${entry.conversationId} ${entry.seq}`, { user, conv: entry.conversationId, seq: entry.seq, where })
  }
}

interface Summary {
  readonly entries: readonly Entry[]
  readonly preview: Entry | null
}

interface Answer {
  readonly entries?: readonly Entry[]
  readonly conversation?: Summary
  readonly conversations?: readonly Summary[]
}
