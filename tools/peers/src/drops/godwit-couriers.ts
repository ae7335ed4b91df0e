/** Over Godwit's SDK, as its README shows, with tokens of the benchmark's own issuing. */

import type { Seeded } from '@godwit/bench/seed/seed.ts'
import { type Client, createClient } from '@godwit/client'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Couriers, Heard } from './courier.ts'

/** `urls`: each one's link. Answers when all are online. */
export async function godwitCouriers(world: Seeded, urls: readonly string[], heard: Heard): Promise<Couriers> {
  const conversations = new Map<string, ConversationId>()
  for (const { id, members } of world.rooms) conversations.set(members.join(), id).set([...members].reverse().join(), id)
  const clients = urls.map((url, person) => {
    const client = createClient({ url, token: () => world.tokenOf(person) })
    client.on('entry', ({ entry }) => {
      if (entry.kind === 'message' && entry.senderId !== world.userIds[person]) heard(person, entry.text.split(' ', 1)[0] as string)
    })
    return client
  })
  await Promise.all(clients.map((client) => client.connect()))
  return {
    async send(from, to, { id, text }) {
      const conversation = (clients[from] as Client).conversation(conversations.get([from, to].join()) as ConversationId)
      await conversation.send({ text: `${id} ${text}` }).acked
    },
    async end() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}
