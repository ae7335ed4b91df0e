/** The account services over memory, with a clock that the test moves. */
import { randomBytes } from 'node:crypto'
import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { createAccountServices } from '../create-account-services.ts'
import type { OutsideIssuer } from '../outside-issuer.ts'

export const address = '192.0.2.7'
export const password = 'Prärie-Läufer 鷸 7'

export async function openAccounts(options: { outsideIssuer?: OutsideIssuer; registrationOpen?: boolean } = {}) {
  const ports = openMemory()
  const revoked: DeviceId[] = []
  ports.bus.subscribe((hint) => {
    if (hint.type === 'device-revoked') revoked.push(hint.deviceId)
  })
  const services = await createAccountServices({
    ...ports,
    randomBytes,
    passwordHashesAtOnce: 2,
    registrationOpen: options.registrationOpen ?? true,
    registrationsPerAddressPerHour: 100,
    outsideIssuer: options.outsideIssuer ?? null,
  })
  const register = (name: string) => services.signIn.register({ name, password }, address)
  return { ...ports, ...services, register, revoked }
}
