import { type Client, createClient, memoryStore, type Session } from '@godwit/client'
import { indexedDbStore } from '@godwit/client/offline'

/** The client of this browser, with what it remembers: one device for all its tabs. */
export async function openClient(session?: Session): Promise<Client> {
  const options = { url: location.origin, ...(session ? { session } : {}) }
  try {
    const client = createClient({ ...options, store: indexedDbStore() })
    await client.load()
    return client
  } catch {
    // No IndexedDB, as in some private windows: this page remembers until it is closed.
    const client = createClient({ ...options, store: memoryStore() })
    await client.load()
    return client
  }
}

/** "Firefox on Linux": how this device is called in the list of devices. */
export function deviceName(agent: string = navigator.userAgent): string {
  const browser = firstMatch(agent, [
    [/Edg\//u, 'Edge'],
    [/OPR\//u, 'Opera'],
    [/Firefox\//u, 'Firefox'],
    [/Chrome\//u, 'Chrome'],
    [/Safari\//u, 'Safari'],
  ])
  const system = firstMatch(agent, [
    [/iPhone|iPad/u, 'iOS'],
    [/Android/u, 'Android'],
    [/Windows/u, 'Windows'],
    [/Mac OS X/u, 'macOS'],
    [/Linux/u, 'Linux'],
  ])
  return [browser ?? 'Browser', system].filter(Boolean).join(' · ')
}

function firstMatch(agent: string, names: readonly (readonly [RegExp, string])[]): string | undefined {
  return names.find(([pattern]) => pattern.test(agent))?.[1]
}
