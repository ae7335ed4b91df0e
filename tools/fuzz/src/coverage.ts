/** Which code of ours has run, from V8's precise block coverage: what guides the choice of inputs. */
import { type Profiler, Session } from 'node:inspector'

const own = /\/(packages\/(protocol|server|backend-local)|apps\/server)\/src\/(?!.*\/?testing\/)/

export class Coverage {
  readonly #session = new Session()
  /** For each function, by script, start and end: a 1 for each of its characters that has run. */
  readonly #reached = new Map<string, Uint8Array>()
  readonly #known = new Set<string>()

  /** From here on; call it before the code is loaded. */
  start(): void {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  stop(): void {
    this.#session.disconnect()
  }

  get functionsReached(): number {
    return this.#reached.size
  }

  get functionsKnown(): number {
    return this.#known.size
  }

  /** True when something has run since the last time that had never run before. */
  take(): boolean {
    let isNew = false
    for (const [key, ran] of this.#ran()) {
      const before = this.#reached.get(key)
      if (!ran.some((value, at) => value === 1 && before?.[at] !== 1)) continue
      isNew = true
      this.#reached.set(key, before ? before.map((value, at) => value | (ran[at] ?? 0)) : ran)
    }
    return isNew
  }

  /** Functions that have run since the last time. */
  *#ran(): Generator<readonly [key: string, ran: Uint8Array]> {
    for (const { url, scriptId, functions } of this.#results()) {
      if (!own.test(url)) continue
      for (const { ranges } of functions) {
        // The first is the function; those within it, from the outside in, differ in how often they ran.
        const [{ startOffset: from, endOffset: to, count: calls } = { startOffset: 0, endOffset: 0, count: 0 }] = ranges
        const key = `${scriptId} ${from} ${to}`
        this.#known.add(key)
        if (calls === 0) continue
        const ran = new Uint8Array(to - from)
        for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset - from, endOffset - from)
        yield [key, ran]
      }
    }
  }

  /** The inspector calls back before `post` returns. */
  #results(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] = []
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error) throw error
      taken = answer.result
    })
    return taken
  }
}
