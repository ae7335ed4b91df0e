/** Values that change, and events. A listener that throws harms nobody else; its error surfaces as an uncaught one. */
import type { ClientEvent, ClientEventOf, Live } from './types.ts'

export function guarded(run: () => void): void {
  try {
    run()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

class Listeners {
  readonly #all = new Set<() => void>()

  get size(): number {
    return this.#all.size
  }

  add(listener: () => void): () => void {
    // A wrapper of its own, so that the same function may subscribe twice.
    const own = () => listener()
    this.#all.add(own)
    return () => this.#all.delete(own)
  }

  call(): void {
    for (const listener of [...this.#all]) guarded(listener)
  }
}

/** A value that is set. */
export class Cell<T> implements Live<T> {
  #value: T
  readonly #listeners = new Listeners()

  constructor(value: T) {
    this.#value = value
  }

  readonly get = (): T => this.#value
  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener)

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    this.#listeners.call()
  }
}

/** A value that is computed when somebody looks. `invalidate` says that it may have changed. */
export class Derived<T> implements Live<T> {
  #cached: { readonly value: T } | null = null
  readonly #compute: (before: T | null) => T
  #before: T | null = null
  readonly #listeners = new Listeners()

  constructor(compute: (before: T | null) => T) {
    this.#compute = compute
  }

  readonly get = (): T => {
    if (!this.#cached) {
      this.#cached = { value: this.#compute(this.#before) }
      this.#before = this.#cached.value
    }
    return this.#cached.value
  }
  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener)

  /** `get` answers afresh from now on; the listeners hear of it from `notify`. */
  invalidate(): void {
    this.#cached = null
  }

  notify(): void {
    this.#listeners.call()
  }

  get watched(): boolean {
    return this.#listeners.size > 0
  }
}

export class Emitter {
  readonly #handlers = new Map<string, Set<(event: ClientEvent) => void>>()

  on<T extends ClientEvent['type']>(type: T | '*', handler: (event: ClientEventOf<T>) => void): () => void {
    const handlers = this.#handlers.get(type) ?? new Set()
    this.#handlers.set(type, handlers)
    const own = (event: ClientEvent) => handler(event as ClientEventOf<T>)
    handlers.add(own)
    return () => handlers.delete(own)
  }

  /** Whether building the event is worth it. */
  wants(type: ClientEvent['type']): boolean {
    return (this.#handlers.get(type)?.size ?? 0) + (this.#handlers.get('*')?.size ?? 0) > 0
  }

  emit(event: ClientEvent): void {
    for (const type of [event.type, '*']) for (const handler of [...(this.#handlers.get(type) ?? [])]) guarded(() => handler(event))
  }
}
