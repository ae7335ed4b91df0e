/** All devices: threads that hold them, and what they count. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Session } from '@godwit/client'
import type { FromWorker, ToWorker, WorkerData } from './drive/messages.ts'
import { type CounterName, Counters, Histogram } from './drive/recorder.ts'
import type { RunOptions } from './options.ts'
import type { Reader } from './second-opinion.ts'
import type { Population } from './setup.ts'
import type { World } from './world/world.ts'

export interface FleetOptions {
  readonly options: RunOptions
  readonly world: World
  readonly population: Population
  readonly serverPort: number
  readonly folder: string
}

/** Unsent commands that one device may have. */
const pendingMax = 12

const answerTo: Record<ToWorker['say'], FromWorker['said']> = {
  connect: 'connected',
  go: 'done',
  heal: 'healed',
  arrive: 'arrived',
  settle: 'settled',
  tokens: 'tokens',
  finish: 'finished',
}

export class Fleet {
  readonly latency = new Histogram()
  readonly unsettled: string[] = []
  readonly #workers: readonly Worker[]
  readonly #counters: readonly Counters[]
  readonly #devices: number
  readonly #operations: number

  private constructor(workers: readonly Worker[], counters: readonly Counters[], { options }: FleetOptions) {
    this.#workers = workers
    this.#counters = counters
    this.#devices = options.devices
    this.#operations = options.operations
  }

  static async start(fleetOptions: FleetOptions): Promise<Fleet> {
    const { options, world, population, serverPort, folder } = fleetOptions
    const buffers = Array.from({ length: options.workers }, () => Counters.buffer())
    const workers = buffers.map((counters, index) => {
      const mine = [...world.deviceOwners.keys()].filter((device) => device !== world.lateDevice && device % options.workers === index)
      const workerData: WorkerData = {
        index,
        seed: options.seed,
        serverPort,
        cutEveryMs: options.cutEveryS * 1_000,
        devices: mine.map((device) => population.sessions[device] as Session),
        ranks: mine.map((device) => world.deviceOwners[device] as number),
        userIds: population.userIds,
        operations: Math.ceil(options.operations / options.workers),
        operationsPerS: options.operationsPerS / options.workers,
        pendingMax,
        historyFile: join(folder, `worker-${index}.jsonl`),
        storesFolder: join(folder, 'stores'),
        counters,
      }
      return new Worker(new URL('./drive/worker.ts', import.meta.url), { workerData })
    })
    return new Fleet(
      workers,
      buffers.map((buffer) => new Counters(buffer)),
      fleetOptions,
    )
  }

  count(name: CounterName): number {
    return this.#counters.reduce((sum, counters) => sum + counters.get(name), 0)
  }

  status(): string {
    const n = (name: CounterName) => this.count(name).toLocaleString('en')
    return `${n('started')} of ${this.#operations.toLocaleString('en')} operations, ${n('acked')} acked, ${n('pending')} under way, ${n('told')} entries told, ${n('online')} of ${this.#devices} online, ${n('cuts')} cuts`
  }

  counts(): (readonly [string, number])[] {
    const of = (what: string, name: CounterName) => [what, this.count(name)] as const
    return [
      of('operations', 'started'),
      of('messages', 'messages'),
      of('edits', 'edits'),
      of('deletes', 'deletes'),
      of('reactions', 'reactions'),
      of('reads', 'reads'),
      of('joins, leaves, other changes', 'changes'),
      of('direct conversations opened', 'opened'),
      of('acked', 'acked'),
      of('refused for good', 'refused'),
      of('entries told to devices', 'told'),
      of('links cut', 'cuts'),
      of('times away', 'away'),
      of('application restarts', 'restarts'),
    ]
  }

  /** To all workers; answers when all have. */
  async say(say: 'connect' | 'go' | 'heal'): Promise<void> {
    await Promise.all(this.#workers.map((worker) => ask(worker, { say })))
  }

  async arrive(session: Session): Promise<void> {
    await ask(this.#workers[0] as Worker, { say: 'arrive', session })
  }

  /** What is not quiet after the time is over is kept in `unsettled`. */
  async settle(timeoutMs: number, quietMs: number): Promise<void> {
    const answers = await Promise.all(this.#workers.map((worker) => ask(worker, { say: 'settle', timeoutMs, quietMs })))
    for (const answer of answers) if (answer.said === 'settled') this.unsettled.push(...answer.unsettled)
  }

  /** One for each user, with a token that is good now. */
  async readers(historyEvery: number): Promise<Reader[]> {
    const answers = await Promise.all(this.#workers.map((worker) => ask(worker, { say: 'tokens' })))
    const tokens = new Map(answers.flatMap((answer) => (answer.said === 'tokens' ? [...answer.tokens] : [])))
    return [...tokens].map(([user, token], i) => ({ user, token, history: i % historyEvery === 0 }))
  }

  async finish(): Promise<void> {
    const answers = await Promise.all(this.#workers.map((worker) => ask(worker, { say: 'finish' })))
    for (const answer of answers) if (answer.said === 'finished') this.latency.merge(answer.latency)
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

function ask(worker: Worker, message: ToWorker): Promise<FromWorker> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      worker.off('message', hear).off('error', fail).off('exit', leave)
      end()
    }
    const hear = (answer: FromWorker) => {
      if (answer.said === answerTo[message.say]) settle(() => resolve(answer))
    }
    const fail = (error: unknown) => settle(() => reject(error))
    const leave = () => settle(() => reject(new Error('a worker ended')))
    worker.on('message', hear).on('error', fail).on('exit', leave)
    worker.postMessage(message)
  })
}
