import { expect, test } from 'vitest'
import { commandOf } from './command.ts'

const ana = { userId: 'u_ana', deviceId: 'd_phone', sessionId: null } as const

test('[L3] the hash of a body is what earlier versions have stored: a retry after an upgrade is no reuse of its id', () => {
  const frame = {
    type: 'message',
    to: 'c_00estuary',
    clientMsgId: '019',
    text: 'Grüße aus Köln 🐦 — um sechs an der Mündung?',
    replyTo: 7,
  } as const
  // The first 16 bytes of SHA-256 over the key, a line feed and the JSON of the content, in hex.
  expect(commandOf(ana, frame, 'a secret of the deployment').bodyHash).toBe('adf0d7220e29393b17ff56362ff04c6e')
})
