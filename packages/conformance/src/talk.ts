import { randomBytes } from 'node:crypto'
import type { EntryContent } from '@godwit/protocol/entry.ts'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'

const fresh = () => randomBytes(12).toString('base64url')

export const newConversationId = (): ConversationId => `c_00${fresh()}`
export const newUserId = (): UserId => `u_${fresh()}`
export const newDeviceId = (): DeviceId => `d_${fresh()}`

export const ana: UserId = 'u_ana-lucia'
export const bo: UserId = 'u_bo'
export const chidi: UserId = 'u_chidi'

/** What people say: names, emoji, right-to-left, CJK, code, quotes, control and zero-width characters. */
export const texts: readonly string[] = [
  'Ana, can you bring the tide tables to Schiermonnikoog?',
  '👩🏽‍🔬🐦 they landed! 🎉🎉',
  'هل رأيت الطيور اليوم؟',
  '明日の朝、干潟で会いましょう。',
  'const head = log.at(-1) ?? "nothing yet" // `null` in SQL\n\treturn head',
  "Robert'); DROP TABLE entries;--",
  'Zo\u00eb\u200d\u200b \ud83c\udff3\ufe0f\u200d\ud83c\udf08 \u202eabc\u202c \u0000 end',
  '',
]

let snowflake = 7_123_456_789_012_345_678n

export interface EntryParts {
  readonly senderId?: UserId
  readonly clientMsgId?: string
  readonly bodyHash?: string
  readonly at?: number
}

/** An entry ready to append, with an id of its own unless one is given. */
export function entry(content: EntryContent, parts: EntryParts = {}): NewEntry {
  snowflake += 1n
  return {
    messageId: String(snowflake),
    at: Date.UTC(2024, 4, 11, 6, 30),
    senderId: ana,
    clientMsgId: fresh(),
    bodyHash: randomBytes(16).toString('hex'),
    content,
    ...parts,
  }
}

export const say = (text: string, parts?: EntryParts): NewEntry => entry({ kind: 'message', text }, parts)

export const reply = (index: number): string => texts[index % texts.length] ?? ''
