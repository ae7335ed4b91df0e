/**
 * A process that talks until it is killed. Arguments: URL, session as JSON, path of the store, conversation, how many messages there are
 * to be in all, name of this life. Prints a line when a message is stored, one for each entry, and one when all are acked.
 */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { createClient } from '../client.ts'
import { fileStore } from '../store-file-node.ts'
import type { Session } from '../types.ts'

const [url = '', session = '{}', path = '', conversationId = '', count = '0', life = ''] = process.argv.slice(2)
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const client = createClient({ url, session: JSON.parse(session) as Session, store: await fileStore(path), since: 'start' })
client.on('entry', ({ entry }) => tell({ entry: entry.seq }))
void client.connect().catch(() => {})
await client.load()
const talk = client.conversation(conversationId as ConversationId)
const sendings = Array.from({ length: Number(count) }, (_, i) => ({
  i,
  ...talk.send({ text: `${life}.${i}: high tide at 6:${10 + i} 🌊` }),
}))
for (const { i, stored, clientMsgId } of sendings) void stored.then(() => tell({ stored: clientMsgId, i }))
await Promise.all(sendings.map(({ acked }) => acked))
while (client.outbox.get().length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
await client.close()
tell({ done: true })
process.exit(0)
