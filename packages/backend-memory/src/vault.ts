import type { Vault } from '@godwit/server/ports/vault.ts'
import type { Disk } from './disk.ts'

export function memoryVault(disk: Disk): Vault {
  return {
    async getOrCreate(name, make) {
      const value = disk.secrets.get(name) ?? make()
      disk.secrets.set(name, value)
      return value
    },
  }
}
