/** Words: what the fields of a good request hold, and what no field should. */
import { clientMsgId, conversationId, cursor, deviceId, emoji, seq, userId } from '@godwit/protocol/scalars.ts'
import type { z } from 'zod'
import { cjk, code, english, otherLatin, pictographs, rightToLeft } from '../../load/src/world/phrases.ts'
import type { Random } from '../../load/src/world/random.ts'

export type Word = (random: Random) => unknown

const always =
  (word: unknown): Word =>
  () =>
    word
const one =
  (...words: readonly unknown[]): Word =>
  (random) =>
    random.pick(words)
const maybe =
  (word: unknown): Word =>
  (random) =>
    random.next() < 0.5 ? word : undefined
const rarely =
  (word: unknown): Word =>
  (random) =>
    random.next() < 0.1 ? word : undefined

/** Ids and positions, by the schema that all their fields share. */
export const bySchema: ReadonlyMap<z.ZodType, Word> = new Map<z.ZodType, Word>([
  [userId, one('{{friend}}', '{{other}}', '{{stranger}}', '{{stranger}}', '{{me}}')],
  [deviceId, one('{{spareDevice}}', '{{spareDevice}}', '{{device}}x')],
  [conversationId, one('{{group}}', '{{group}}', '{{direct}}', '{{direct}}', '{{foreign}}')],
  [clientMsgId, always('{{id}}')],
  [seq, (random) => random.int(1, 6)],
  [cursor, (random) => random.int(0, 4)],
  [emoji, one('👍', '🪶', '👩‍👩‍👧‍👦', ':+1:')],
])

/** Fields whose words are their own; `operation.field` goes before `field`. Undefined leaves an optional field out. */
export const byField: Readonly<Record<string, Word>> = {
  token: always('{{token}}'),
  after: rarely('{{last}}'),
  epoch: one(null, '{{epoch}}'),
  mark: one(null, null, '{{mark}}'),
  refreshToken: always('{{spareRefresh}}'),
  attemptId: rarely('{{id}}-{{id}}-{{id}}'),
  password: always('{{password}}'),
  newPassword: always('{{password}}'),
  pollId: always('{{poll}}'),
  ack: one(0, 0, 0, 1),
  cursor: rarely('1'),
  'register.name': always('{{newName}}'),
  'login.name': always('{{name}}'),
  'users.name': maybe('{{friendName}}'),
  'users.ids': maybe('{{me}},{{friend}}'),
  'presence.ids': one('{{me}},{{friend}}', '{{other}}'),
  'sendFrames.n': one(1, 1, 2),
  'sendFrames.frames': one(['{"type":"hello","token":"{{token}}"}'], ['{"type":"ping"}', '{"type":"activity","active":false}']),
}

/** Texts that people write. */
export const talk: readonly string[] = [...english, ...otherLatin, ...cjk, ...rightToLeft, ...code, ...pictographs]

/** Values that are of no use anywhere, or nearly. */
export const nuisances: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  0,
  -1,
  -0,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  '0',
  'NaN',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\u202Eمرحبا\u202C',
  'e\u0301 \u00e9 \u212b',
  '\ud83c',
  'İ̇ı',
  '🏳️‍🌈🇺🇳',
  '水'.repeat(6_000),
  'x'.repeat(16_385),
  'u_root',
  'u_',
  'c_00x',
  '../../etc/passwd',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '%00',
  '\r\nSet-Cookie: a=b',
  [],
  {},
  [[]],
  { $ne: null },
  { toString: 1 },
  { length: 1e9 },
  Array.from({ length: 300 }, () => '{{friend}}'),
  Array.from({ length: 40 }, () => ({})),
]

/** Pieces of text to put into JSON where they may break it. */
export const splinters: readonly string[] = [
  '"__proto__":{"isAdmin":true},',
  '"type":"hello",',
  'NaN',
  '1e999',
  '-',
  '\\u0000',
  '\\ud83c',
  '\\',
  '"',
  '}{',
  ',,',
  '[[[[[[[[[[',
  ']',
  '/*',
  '\uFEFF',
  '\n',
  '\u2028',
  "'",
  '0x10',
  '{{id}}',
]

export const headerWords: readonly (readonly [string, string])[] = [
  ['Authorization', 'Bearer {{token}}'],
  ['Authorization', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ['Authorization', 'Basic YTpi'],
  ['Authorization', 'Bearer'],
  ['Content-Type', 'text/plain'],
  ['Content-Type', 'application/json; charset=utf-7'],
  ['Content-Encoding', 'gzip'],
  ['Origin', 'null'],
  ['Origin', 'https://evil.example'],
  ['X-Forwarded-For', '203.0.113.9, ::1'],
  ['Forwarded', 'for=unknown'],
  ['Host', 'evil.example'],
  ['Expect', '100-continue'],
  ['Expect', 'low-tide'],
  ['Range', 'bytes=0-0,-1'],
  ['If-None-Match', '*'],
  ['Accept-Encoding', 'br;q=9'],
  ['Transfer-Encoding', 'chunked'],
  ['Content-Length', '7'],
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Upgrade', 'h2c'],
  ['Sec-WebSocket-Version', '8'],
  ['Sec-WebSocket-Key', 'AAAA'],
  ['Sec-WebSocket-Protocol', 'godwit.v1'],
  ['Sec-WebSocket-Protocol', ',, ,a'],
  ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits=99'],
  ['Cookie', '__proto__=1'],
  ['X-Long', 'y'.repeat(4_000)],
]
