/** Who watches what, asked from both sides: conversations in the hub, people on the presence board. */
export class Watchers<Session, Key> {
  readonly #byKey = new Map<Key, Set<Session>>()
  readonly #bySession = new Map<Session, ReadonlySet<Key>>()

  /** Replaces what the session watches. */
  set(session: Session, keys: ReadonlySet<Key>): void {
    for (const key of this.watchedBy(session)) {
      const watchers = this.#byKey.get(key)
      watchers?.delete(session)
      if (watchers?.size === 0) this.#byKey.delete(key)
    }
    for (const key of keys) {
      const watchers = this.#byKey.get(key)
      if (watchers) watchers.add(session)
      else this.#byKey.set(key, new Set([session]))
    }
    if (keys.size > 0) this.#bySession.set(session, keys)
    else this.#bySession.delete(session)
  }

  watchedBy(session: Session): ReadonlySet<Key> {
    return this.#bySession.get(session) ?? none
  }

  /** Live: a session that stops watching in the middle of a round is met no more. */
  of(key: Key): ReadonlySet<Session> {
    return this.#byKey.get(key) ?? none
  }

  /** Those that watch anything. */
  sessions(): Iterable<Session> {
    return this.#bySession.keys()
  }
}

const none: ReadonlySet<never> = new Set()
