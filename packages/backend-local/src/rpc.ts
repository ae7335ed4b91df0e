/**
 * Calls from the main thread into a store thread. A hand-over costs tens of microseconds, so all calls of one turn of the event
 * loop go in one message, and all answers of one transaction come back in one.
 *
 *   main: call, call, call -> [requests] -> thread: one transaction -> [answers] -> main: promises settle
 *
 * Requests travel by structured clone: the frequent one, an append, is a flat list of texts and numbers. Answers travel as JSON text,
 * which for the lists of records in them takes less than half the time of a clone. So arguments are plain data, which no procedure
 * changes or keeps, and an answer is a JSON value.
 */
import type { Worker } from 'node:worker_threads'
import { type ErrorCode, GodwitError } from '@godwit/protocol/errors.ts'

// biome-ignore lint/suspicious/noExplicitAny: the one place where the arguments of all procedures meet
export type Procedures = Readonly<Record<string, (...args: any[]) => unknown>>

export type Request = readonly [id: number, procedure: string, args: readonly unknown[]]

export type Answer = readonly [id: number, value: unknown] | readonly [id: number, value: null, failure: Failure]

/** `code` is null for a bug: it becomes an Error that says `message`. */
export interface Failure {
  readonly code: ErrorCode | null
  readonly message: string
}

/** What a thread posts: that it is open, answers, that its store is lost, or that it has closed its database. */
export type FromThread =
  | { readonly type: 'open' }
  /** JSON of `Answer[]`. */
  | { readonly type: 'answers'; readonly answers: string }
  | { readonly type: 'lost'; readonly message: string }
  | { readonly type: 'closed' }

export type ToThread = { readonly type: 'requests'; readonly requests: readonly Request[] } | { readonly type: 'close' }

interface Caller {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

type State =
  | { readonly state: 'open' }
  /** Takes no calls; answers those it has. */
  | { readonly state: 'closing'; readonly closed: () => void }
  | { readonly state: 'closed' }
  | { readonly state: 'lost' }

/** The caller's end of one thread. */
export class Remote<P extends Procedures> {
  readonly #worker: Worker
  readonly #onLost: (error: Error) => void
  readonly #callers = new Map<number, Caller>()
  readonly #opening = Promise.withResolvers<void>()
  #state: State = { state: 'open' }
  #requests: Request[] = []
  #lastId = 0
  #answered = 0

  /** `onLost` is called once, when the thread has failed: every call under way and every later one is rejected. */
  constructor(worker: Worker, onLost: (error: Error) => void) {
    this.#worker = worker
    this.#onLost = onLost
    this.#opening.promise.catch(() => {})
    worker.on('message', (message: FromThread) => this.#receive(message))
    worker.on('error', (error: Error) => this.fail(error))
    worker.on('exit', (code) => this.fail(new Error(`a store thread ended with code ${code}`)))
  }

  /** Settles when the thread has opened its database, or failed to. */
  get opened(): Promise<void> {
    return this.#opening.promise
  }

  /** Messages with answers so far: for the writer, its transactions. */
  get answered(): number {
    return this.#answered
  }

  call<K extends keyof P & string>(procedure: K, ...args: Parameters<P[K]>): Promise<ReturnType<P[K]>> {
    if (this.#state.state === 'lost') return Promise.reject(lostError())
    if (this.#state.state !== 'open') return Promise.reject(new GodwitError('DRAINING'))
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#callers.set(id, { resolve, reject })
      // After the I/O events of this turn, so that what they ask rides together.
      if (this.#requests.push([id, procedure, args]) === 1) setImmediate(() => this.#flush())
    })
  }

  /** Resolves when every call has been answered and the thread has closed its database. */
  close(): Promise<void> {
    if (this.#state.state !== 'open') return Promise.resolve()
    return new Promise((closed) => {
      this.#state = { state: 'closing', closed }
      this.#flush()
      this.#post({ type: 'close' })
    })
  }

  #flush(): void {
    if (this.#requests.length === 0) return
    this.#post({ type: 'requests', requests: this.#requests })
    this.#requests = []
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'open':
        this.#opening.resolve()
        break
      case 'answers':
        this.#answered += 1
        for (const answer of JSON.parse(message.answers) as Answer[]) this.#settle(answer)
        break
      case 'lost':
        this.fail(new Error(message.message))
        break
      case 'closed': {
        const state = this.#state
        this.#state = { state: 'closed' }
        if (state.state === 'closing') state.closed()
      }
    }
  }

  #settle([id, value, failure]: Answer): void {
    const caller = this.#callers.get(id)
    this.#callers.delete(id)
    if (!caller) return
    if (failure)
      caller.reject(
        failure.code ? new GodwitError(failure.code, undefined, undefined, failure.message || failure.code) : new Error(failure.message),
      )
    else caller.resolve(value as never)
  }

  /** Rejects every call under way and every later one. */
  fail(error: Error): void {
    const state = this.#state
    if (state.state === 'closed' || state.state === 'lost') return
    this.#state = { state: 'lost' }
    this.#requests = []
    for (const { reject } of this.#callers.values()) reject(lostError())
    this.#callers.clear()
    this.#opening.reject(error)
    if (state.state === 'closing') state.closed()
    this.#onLost(error)
  }

  /** Ends the thread at once; what it has not committed is lost. */
  async terminate(): Promise<void> {
    this.#state = { state: 'closed' }
    await this.#worker.terminate()
  }
}

/** A write under way may have been stored (L4). */
const lostError = () => new GodwitError('UNKNOWN_OUTCOME', 'the store has failed')
