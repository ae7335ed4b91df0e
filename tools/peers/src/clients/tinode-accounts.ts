/**
 * Accounts at a Tinode server, made in its own words: {hi}, {acc new} and the answer has the user's id and a security token, with which
 * its clients log in from then on. They are anonymous ones (docs/API.md of its module): those with a password are the same in all that
 * is measured, and each costs it a bcrypt hash when it is made, some 60 ms of CPU.
 */
import { Connection } from '@godwit/bench/load/connection.ts'
import { inParallel } from '@godwit/load/http.ts'

export interface TinodeAccount {
  /** `usr...`: who they are, and the topic that another one shares with them. */
  readonly id: string
  /** In base64. */
  readonly token: string
}

/** Where its WebSocket is. The key is the one that is published for the salt of the example configuration; it is no secret. */
export const socketPath = '/v0/channels?apikey=AQEAAAABAAD_rAp4DJh05a1HAwFT3A6K'

export const hiRequest = (id: string) => ({ hi: { id, ver: '0.22.13', ua: 'Bench/1.0', lang: 'en-US' } })

/** The access that one with a password has by default. */
const access = 'JRWPAS'
const accountsAtOnce = 16

/** Throws when the server refuses one. */
export function createAccounts(port: number, users: number): Promise<TinodeAccount[]> {
  return inParallel([...Array(users).keys()], accountsAtOnce, () => createAccount(port))
}

async function createAccount(port: number): Promise<TinodeAccount> {
  const { promise, resolve, reject } = Promise.withResolvers<TinodeAccount>()
  promise.catch(() => {})
  const connection = new Connection({
    port,
    path: socketPath,
    hear(bytes, from, to) {
      const text = bytes.toString('utf8', from, to)
      const { ctrl } = JSON.parse(text) as { readonly ctrl?: { readonly id?: string; readonly code: number; readonly params?: unknown } }
      if (ctrl && ctrl.code >= 400) reject(new Error(text))
      else if (ctrl?.id === 'acc') {
        const { user, token } = ctrl.params as { readonly user: string; readonly token: string }
        resolve({ id: user, token })
      }
    },
    onEnd: (code) => reject(new Error(`closed with ${code} before there was an account`)),
  })
  try {
    await connection.opened
    connection.send(JSON.stringify(hiRequest('hi')))
    connection.send(
      JSON.stringify({
        acc: { id: 'acc', user: 'new', scheme: 'anonymous', login: true, desc: { defacs: { auth: access, anon: access } } },
      }),
    )
    return await promise
  } finally {
    connection.end()
  }
}
