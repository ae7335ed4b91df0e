import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { downFrame } from './down.ts'
import { entry, foldedEntry } from './entry-schema.ts'
import { upFrame } from './up.ts'
import { protocolVersion, subprotocol } from './version.ts'

/** Of what each version looks like on the wire. */
const hashes: Readonly<Record<number, string>> = { 1: '09cad4a20b0dd9b7' }

test('[R35] the protocol is what its version says', () => {
  const options = { io: 'input', unrepresentable: 'any' } as const
  const schemas = [upFrame, downFrame, entry, foldedEntry].map((schema) => z.toJSONSchema(schema, options))
  const hash = createHash('sha256').update(JSON.stringify(schemas)).digest('hex').slice(0, 16)
  expect(
    hash,
    `The frames or entries have changed. Would an older client or server misread them? Then raise protocolVersion in version.ts and
give it a line of history there and a hash here. If something was only added (an optional field, a frame or kind that may be
ignored), or a newer zod writes the same schema otherwise, put ${hash} in the place of the hash of version ${protocolVersion}.`,
  ).toBe(hashes[protocolVersion])
})

test('the subprotocol names the version', () => {
  expect(subprotocol).toBe('godwit.v1')
})
