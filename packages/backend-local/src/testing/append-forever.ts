/**
 * A process that appends until it is killed, to many conversations at once, and prints each answered append as a line of JSON:
 * `npx node append-forever.ts FOLDER`.
 */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { openLocal } from '../open-local.ts'
import { throwIt } from './temporary.ts'

const folder = process.argv[2]
if (!folder) throw new Error('usage: append-forever.ts FOLDER')
const { messageLog } = await openLocal({ folder, onFatal: throwIt })
const run = process.pid

async function appendTo(conversationId: ConversationId): Promise<never> {
  const [stored] = await messageLog.heads([conversationId])
  for (let head = stored?.seq ?? 0; ; head += 1) {
    const clientMsgId = `${run}-${head}`
    const content = { kind: 'message', text: `🐦 ${clientMsgId}` } as const
    const parts = { messageId: String(7_000_000_000_000_000_000n + BigInt(head)), at: Date.now(), bodyHash: 'c0ffee' }
    const { verdict } = await messageLog.append(conversationId, head, [{ ...parts, senderId: 'u_ana', clientMsgId, content }])
    if (verdict !== 'appended') throw new Error(`expected appended, got ${verdict}`)
    process.stdout.write(`${JSON.stringify({ conversationId, seq: head + 1, clientMsgId })}\n`)
  }
}

await Promise.all(Array.from({ length: 20 }, (_, index) => appendTo(`c_00room-${index}`)))
