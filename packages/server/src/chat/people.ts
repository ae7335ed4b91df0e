/**
 * What chat must know of users at every turn: profiles, privacy and blocks. A bounded cache over `Accounts`, kept fresh by the
 * bus; a hint lost costs `staleMs` at most.
 */
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import type { Account, Accounts } from '../ports/accounts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Clock } from '../ports/clock.ts'

/** Whom a user has blocked. */
type Blocks = ReadonlySet<UserId>

interface Cached<V> {
  readonly value: V
  readonly until: number
}

export class People {
  readonly #accounts: Accounts
  readonly #clock: Clock
  readonly #byId = new Map<UserId, Cached<Account>>()
  readonly #blocks = new Map<UserId, Cached<Blocks | Promise<Blocks>>>()
  /** Counts changed profiles: what was read while one changed may be of before. */
  #changes = 0

  constructor(accounts: Accounts, bus: Bus, clock: Clock) {
    this.#accounts = accounts
    this.#clock = clock
    bus.subscribe((hint) => {
      if (hint.type === 'profile-changed') {
        this.#changes++
        this.#byId.delete(hint.userId)
      }
      if (hint.type === 'block-changed') this.#blocks.delete(hint.userId)
    })
  }

  /** Those that exist, in the order asked. */
  async accounts(userIds: readonly UserId[]): Promise<readonly Account[]> {
    const now = this.#clock.now()
    const changes = this.#changes
    const missing = userIds.filter((userId) => !isFresh(this.#byId.get(userId), now))
    const read = new Map<UserId, Account>()
    if (missing.length > 0) {
      for (const account of await this.#accounts.byIds(missing)) {
        if (!account) continue
        read.set(account.userId, account)
        if (changes === this.#changes) remember(this.#byId, account.userId, { value: account, until: now + limits.peopleStaleMs })
      }
    }
    return userIds.map((userId) => read.get(userId) ?? this.#byId.get(userId)?.value).filter((account) => account !== undefined)
  }

  /** Each user once. */
  async profiles(userIds: Iterable<UserId>): Promise<UserProfile[]> {
    const accounts = await this.accounts([...new Set(userIds)])
    return accounts.map(({ userId, name, displayName }) => ({ userId, name, displayName }))
  }

  async showsReading(userId: UserId): Promise<boolean> {
    const [account] = await this.accounts([userId])
    return account?.readReceipts ?? false
  }

  async blockedEitherWay(one: UserId, other: UserId): Promise<boolean> {
    const [mine, theirs] = await Promise.all([this.#blocksOf(one), this.#blocksOf(other)])
    return mine.has(other) || theirs.has(one)
  }

  /** The same without a trip, as it is known of those who talk; null where it is not. */
  blockedAtHand(one: UserId, other: UserId): boolean | null {
    const now = this.#clock.now()
    const mine = this.#blocks.get(one)
    const theirs = this.#blocks.get(other)
    if (!isFresh(mine, now) || !isFresh(theirs, now)) return null
    if (!('has' in mine.value && 'has' in theirs.value)) return null
    return mine.value.has(other) || theirs.value.has(one)
  }

  #blocksOf(userId: UserId): Blocks | Promise<Blocks> {
    const now = this.#clock.now()
    const cached = this.#blocks.get(userId)
    if (isFresh(cached, now)) return cached.value
    const until = now + limits.peopleStaleMs
    const coming: Promise<Blocks> = this.#accounts.blocksOf(userId).then((ids) => new Set(ids))
    const isStill = () => this.#blocks.get(userId)?.value === coming
    coming.then(
      (value) => isStill() && this.#blocks.set(userId, { value, until }),
      () => isStill() && this.#blocks.delete(userId),
    )
    remember(this.#blocks, userId, { value: coming, until })
    return coming
  }
}

function isFresh<V>(cached: Cached<V> | undefined, now: number): cached is Cached<V> {
  return cached !== undefined && cached.until > now
}

function remember<V>(cache: Map<UserId, Cached<V>>, userId: UserId, cached: Cached<V>): void {
  if (cache.size >= limits.peopleCachedMax) {
    const [oldest] = cache.keys()
    if (oldest !== undefined) cache.delete(oldest)
  }
  cache.set(userId, cached)
}
