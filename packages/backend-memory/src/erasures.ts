import type { Erasures } from '@godwit/server/ports/erasures.ts'
import type { Disk } from './disk.ts'

export function memoryErasures({ erasures }: Disk): Erasures {
  return {
    async request(userId, requestedAt) {
      if (!erasures.has(userId)) erasures.set(userId, { userId, requestedAt, conversationId: null, seq: 0, messages: 0, doneAt: null })
    },
    get: async (userId) => erasures.get(userId) ?? null,
    pending: async () => [...erasures.values()].filter(({ doneAt }) => doneAt === null),
    async advance(userId, progress) {
      const erasure = erasures.get(userId)
      if (erasure) erasures.set(userId, { ...erasure, ...progress })
    },
  }
}
