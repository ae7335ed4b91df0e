/**
 * Password hashes: argon2id with the parameters of OWASP's cheat sheet (19 MiB, t=2, p=1), as PHC strings. The work is done on
 * libuv's thread pool, never on the event loop, a few at once and the rest in a bounded queue.
 */
import { argon2, timingSafeEqual } from 'node:crypto'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'

export interface Passwords {
  /** A PHC string. Throws OVERLOADED when the queue is full. */
  hash(password: string): Promise<string>
  /** `stored` may be null (no such user, or no password): the work is done all the same, so that the time tells nothing (T21). */
  verify(password: string, stored: string | null): Promise<boolean>
}

export interface PasswordsDeps {
  readonly randomBytes: (size: number) => Buffer
  /** Hashes at work at once. */
  readonly atOnce: number
}

interface Parameters {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

const current: Parameters = { memory: 19_456, passes: 2, parallelism: 1 }
const tagLength = 32
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

export function createPasswords({ randomBytes, atOnce }: PasswordsDeps): Passwords {
  const slots = createSlots(atOnce, limits.passwordHashesQueueMax)
  const nobody = { ...current, nonce: randomBytes(16), tag: randomBytes(tagLength) }

  return {
    async hash(password) {
      const nonce = randomBytes(16)
      const tag = await slots.run(() => derive(password, nonce, current))
      return `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${unpadded(nonce)}$${unpadded(tag)}`
    },
    async verify(password, stored) {
      const expected = stored === null ? nobody : parsePhc(stored)
      const tag = await slots.run(() => derive(password, expected.nonce, expected))
      const same = tag.length === expected.tag.length && timingSafeEqual(tag, expected.tag)
      return same && stored !== null
    },
  }
}

function derive(password: string, nonce: Buffer, { memory, passes, parallelism }: Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // NFKC: the same password typed on another keyboard may come in another composition (NIST SP 800-63B section 3.1.1.2).
    const message = password.normalize('NFKC')
    argon2('argon2id', { message, nonce, memory, passes, parallelism, tagLength }, (error, tag) => (error ? reject(error) : resolve(tag)))
  })
}

function parsePhc(stored: string): Parameters & { readonly nonce: Buffer; readonly tag: Buffer } {
  const [, memory, passes, parallelism, nonce, tag] = phc.exec(stored) ?? []
  if (!nonce || !tag) throw new Error('a stored password hash is not an argon2id PHC string')
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    nonce: Buffer.from(nonce, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

/** At most `atOnce` at work and `queueMax` waiting, first come first served; beyond that OVERLOADED. */
function createSlots(atOnce: number, queueMax: number) {
  let busy = 0
  const waiting: (() => void)[] = []
  return {
    async run<T>(work: () => Promise<T>): Promise<T> {
      if (busy >= atOnce) {
        if (waiting.length >= queueMax) throw new GodwitError('OVERLOADED', 'passwordHashesQueueMax', 1_000)
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else busy++
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else busy--
      }
    },
  }
}
