import type { Accounts } from '@godwit/server/ports/accounts.ts'
import type { Disk } from './disk.ts'

export function memoryAccounts(disk: Disk): Accounts {
  const all = () => [...disk.accounts.values()]
  const bySubject = (subject: string) => all().find((account) => account.subject === subject) ?? null
  const byName = (name: string) => all().find((account) => account.name === name) ?? null

  return {
    async create(account) {
      const { userId, name, subject } = account
      if (disk.accounts.has(userId) || byName(name) || (subject !== null && bySubject(subject))) return false
      disk.accounts.set(userId, { ...account })
      return true
    },
    byName: async (name) => byName(name),
    bySubject: async (subject) => bySubject(subject),
    byIds: async (userIds) => userIds.map((userId) => disk.accounts.get(userId) ?? null),
    async update(userId, change) {
      const account = disk.accounts.get(userId)
      if (account && account.erasedAt === undefined) disk.accounts.set(userId, { ...account, ...change })
    },
    async setBlock(userId, blockedId, blocked) {
      if (disk.accounts.get(userId)?.erasedAt !== undefined) return
      const blocks = disk.blocks.get(userId) ?? new Set()
      if (blocked) blocks.add(blockedId)
      else blocks.delete(blockedId)
      disk.blocks.set(userId, blocks)
    },
    blocksOf: async (userId) => [...(disk.blocks.get(userId) ?? [])],
    async erase(userId, { name, displayName, at }) {
      const account = disk.accounts.get(userId)
      if (!account || account.erasedAt !== undefined) return
      if (byName(name)) throw new Error(`the name ${name} is taken`)
      disk.blocks.delete(userId)
      for (const blocks of disk.blocks.values()) blocks.delete(userId)
      const nothing = { passwordHash: null, subject: null, readReceipts: false, showLastSeen: false, createdAt: 0 }
      disk.accounts.set(userId, { userId, name, displayName, ...nothing, erasedAt: at })
    },
  }
}
