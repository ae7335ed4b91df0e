/**
 * Accounts under kills: people sign up, and one device renews its tokens without end. No history line tells of these, so what they
 * must find afterwards is asserted here: an answered sign-up can log in; one without an answer can be tried again until it can; a
 * renewal without an answer, repeated with the same attempt, goes on.
 */
import type { Session } from '@godwit/client'
import type { UserId } from '@godwit/protocol/ids.ts'

interface Newcomer {
  readonly name: string
  userId: UserId | null
}

interface Answer {
  readonly status: number
  readonly json: Partial<Session> & { readonly code?: string }
}

const password = 'wind-over-the-mudflats'

export class Newcomers {
  readonly #url: string
  readonly #newcomers: Newcomer[] = []
  readonly #seed: string
  #refreshToken: string
  #attempt = 0
  #busy = 0
  #operations = 0
  readonly violations: string[] = []

  constructor(url: string, seed: string, session: Session) {
    this.#url = url
    this.#seed = seed
    this.#refreshToken = session.refreshToken ?? ''
  }

  /** Requests that have no answer yet. */
  get pending(): number {
    return this.#busy
  }

  get operations(): number {
    return this.#operations
  }

  /** Those whose sign-up was answered. */
  get userIds(): readonly UserId[] {
    return this.#newcomers.flatMap(({ userId }) => userId ?? [])
  }

  signUp(): boolean {
    return this.#one(async () => {
      const newcomer: Newcomer = { name: `${this.#seed}-${this.#newcomers.length}`, userId: null }
      this.#newcomers.push(newcomer)
      await this.#register(newcomer)
    })
  }

  renew(): boolean {
    return this.#one(async () => {
      const attemptId = `renewal-${String(this.#attempt).padStart(16, '0')}`
      const { status, json } = await this.#post('/v1/tokens/refresh', { refreshToken: this.#refreshToken, attemptId })
      if (status === 200 && json.refreshToken) {
        this.#refreshToken = json.refreshToken
        this.#attempt++
      } else if (status < 500) this.violations.push(`a renewal was refused: ${status} ${json.code}`)
    })
  }

  /** When all is quiet: everybody who has signed up, or tried to, gets in. */
  async check(): Promise<void> {
    for (const newcomer of this.#newcomers) {
      if (newcomer.userId === null) await this.#register(newcomer)
      const { status, json } = await this.#post('/v1/tokens', { name: newcomer.name, password })
      if (status !== 200) this.violations.push(`${newcomer.name} cannot log in: ${status} ${json.code}`)
      else if (newcomer.userId !== null && json.userId !== newcomer.userId) this.violations.push(`${newcomer.name} is another user now`)
    }
  }

  async #register(newcomer: Newcomer): Promise<void> {
    const { status, json } = await this.#post('/v1/users', { name: newcomer.name, password })
    if (status === 200 && json.userId) newcomer.userId = json.userId
    // Taken by their own first try, whose answer was lost.
    else if (json.code !== 'NAME_TAKEN' && status < 500) this.violations.push(`${newcomer.name} cannot sign up: ${status} ${json.code}`)
  }

  /** One request at a time; answers whether it was begun. A link that breaks is no answer, and nothing is concluded from it. */
  #one(run: () => Promise<void>): boolean {
    if (this.#busy > 0) return false
    this.#busy++
    this.#operations++
    run()
      .catch(() => {})
      .finally(() => {
        this.#busy--
      })
    return true
  }

  async #post(path: string, body: object): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, json: (await response.json()) as Answer['json'] }
  }
}
