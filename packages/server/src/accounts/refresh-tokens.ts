/**
 * Refresh tokens: `<device id>.<generation>.<attempt>.<mac>`, the mac keyed and over those before; `attempt` is a hash of what the
 * client called its attempt, and left out when it called it nothing. So the successor of a token follows from the token and the
 * attempt: an answer that got lost can be given again without the token being stored anywhere, and an old token of ours is told
 * from one that somebody made up (which must not sign a device out).
 */
import { createHash, createHmac } from 'node:crypto'
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { deviceIdPattern } from '@godwit/protocol/ids.ts'
import { isSameText } from './access-tokens.ts'

export interface RefreshToken {
  readonly deviceId: DeviceId
  readonly generation: number
  readonly text: string
  /** What is stored: SHA-256 of the text, hex. */
  readonly hash: string
}

export interface RefreshTokens {
  make(deviceId: DeviceId, generation: number, attemptId?: string): RefreshToken
  /** null unless this server made it. */
  read(text: string): RefreshToken | null
}

export function createRefreshTokens(key: Uint8Array): RefreshTokens {
  function sign(deviceId: DeviceId, generation: number, attempt: string | undefined): RefreshToken {
    const claims = attempt === undefined ? `${deviceId}.${generation}` : `${deviceId}.${generation}.${attempt}`
    const text = `${claims}.${createHmac('sha256', key).update(`refresh.${claims}`).digest('base64url')}`
    return { deviceId, generation, text, hash: createHash('sha256').update(text).digest('hex') }
  }
  return {
    make: (deviceId, generation, attemptId) =>
      sign(deviceId, generation, attemptId === undefined ? undefined : createHash('sha256').update(attemptId).digest('base64url')),
    read(text) {
      const [deviceId = '', generation = '', attempt, mac] = text.split('.')
      if (!deviceIdPattern.test(deviceId) || !/^\d{1,15}$/.test(generation)) return null
      const genuine = sign(deviceId as DeviceId, Number(generation), mac === undefined ? undefined : attempt)
      return isSameText(text, genuine.text) ? genuine : null
    },
  }
}
