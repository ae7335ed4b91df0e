/**
 * Refresh tokens: `<device id>.<generation>.<mac>`, the mac keyed and over the two before. So the successor of a token follows
 * from the token: an answer that got lost can be given again without the token being stored anywhere, and an old token of ours is
 * told from one that somebody made up (which must not sign a device out).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { deviceIdPattern } from '@godwit/protocol/ids.ts'

export interface RefreshToken {
  readonly deviceId: DeviceId
  readonly generation: number
  readonly text: string
  /** What is stored: SHA-256 of the text, hex. */
  readonly hash: string
}

export interface RefreshTokens {
  make(deviceId: DeviceId, generation: number): RefreshToken
  /** null unless this server made it. */
  read(text: string): RefreshToken | null
}

export function createRefreshTokens(key: Uint8Array): RefreshTokens {
  function make(deviceId: DeviceId, generation: number): RefreshToken {
    const mac = createHmac('sha256', key).update(`refresh.${deviceId}.${generation}`).digest('base64url')
    const text = `${deviceId}.${generation}.${mac}`
    return { deviceId, generation, text, hash: createHash('sha256').update(text).digest('hex') }
  }
  return {
    make,
    read(text) {
      const [deviceId = '', generation = ''] = text.split('.')
      if (!deviceIdPattern.test(deviceId) || !/^\d{1,15}$/.test(generation)) return null
      const genuine = make(deviceId as DeviceId, Number(generation))
      const [given, wanted] = [Buffer.from(text), Buffer.from(genuine.text)]
      return given.length === wanted.length && timingSafeEqual(given, wanted) ? genuine : null
    },
  }
}
