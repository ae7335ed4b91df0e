/** The run: batches of inputs, new ones and worse ones of those that reached new code; what reaches new code is kept. */
import type { Pause } from '../../load/src/pause.ts'
import { createRandom, type Random } from '../../load/src/world/random.ts'
import type { Coverage } from './coverage.ts'
import { type Input, packed } from './input.ts'
import { Lane } from './lane.ts'
import { makeNeighbours } from './life.ts'
import { make } from './make.ts'
import { type Memory, memory } from './memory.ts'
import { mutate } from './mutate.ts'
import type { FuzzServer } from './server.ts'
import { Tally } from './tally.ts'

const lanes = 4
const batchInputs = 128
const corpusMax = 2_000
/** Each batch, time jumps by this: enough to fill every budget for what a lane does in a batch, and few enough for a token to outlive a life. */
const skipMs = 40_000
/** Reported whole; beyond, defects are only counted. */
const reportedMax = 20
export interface Report {
  readonly tally: Tally
  /** What went wrong, in short, and how often something did. */
  readonly defects: readonly string[]
  readonly defectCount: number
  readonly corpus: number
  /** When everything was warm, and at the end. */
  readonly memory: { readonly warm: Memory; readonly end: Memory }
}

export interface Faults {
  /** Exceptions that nobody caught, errors in the log: what went wrong since the last time. */
  take(): readonly string[]
}

export interface FuzzOptions {
  readonly inputs: number
  readonly seed: string
  readonly pause: Pause
  readonly say: (line: string) => void
}

export async function fuzz(
  server: FuzzServer,
  coverage: Coverage,
  faults: Faults,
  { inputs, seed, pause, say }: FuzzOptions,
): Promise<Report> {
  const random = createRandom(seed)
  const neighbours = await makeNeighbours(server.url)
  const crew = Array.from({ length: lanes }, () => new Lane(server, neighbours))
  const tally = new Tally()
  const corpus: Input[] = []
  const defects: string[] = []
  let defectCount = 0
  let warm: Memory | null = null

  const tell = (what: string, tried: readonly Input[]) => {
    if (++defectCount > reportedMax) return
    defects.push(what.slice(0, 1_000))
    say(`defect: ${what}`)
    for (const input of tried) say(`  repeat: npm run fuzz -- --repeat ${packed(input)}`)
  }
  /** All of them, a share by each lane. Those to keep, if the batch should have reached new code: whose outcome is new, or else any one. */
  async function send(batch: readonly Input[]): Promise<readonly Input[]> {
    server.skip(skipMs)
    const waiting = [...batch]
    const unseen: Input[] = []
    const work = async (lane: Lane) => {
      for (let input = waiting.shift(); input; input = waiting.shift()) {
        const outcome = await lane.run(input)
        if (tally.add(outcome)) unseen.push(input)
        if (outcome.defect) tell(outcome.defect, [input])
      }
    }
    await Promise.all(crew.map(work))
    for (const fault of faults.take()) tell(`${fault} after one of`, batch)
    return unseen.length > 0 ? unseen : [random.pick(batch)]
  }

  const keep = (input: Input) => {
    if (corpus.length < corpusMax) corpus.push(input)
    else corpus[random.int(0, corpusMax - 1)] = input
  }
  const warmAt = Math.floor(inputs / 5)
  let told = 0
  while (tally.inputs < inputs) {
    const count = Math.min(batchInputs, inputs - tally.inputs)
    const batch = Array.from({ length: count }, () => next(corpus, random))
    const found = await send(batch)
    if (coverage.take()) for (const input of found) keep(input)
    // Meanwhile the server's deadlines have passed, so its sessions are over.
    if (await pause.here()) for (const lane of crew) lane.end()
    if (tally.inputs >= warmAt) warm ??= memory()
    if (tally.inputs - told < 25_000) continue
    told = tally.inputs
    const { heldBytes, rssBytes } = memory()
    const mib = `${heldBytes >> 20} MiB held, RSS ${rssBytes >> 20} MiB`
    say(`${told} inputs, ${corpus.length} kept, ${coverage.functionsReached} functions reached, ${mib}`)
  }
  for (const lane of crew) lane.end()
  return { tally, defects, defectCount, corpus: corpus.length, memory: { warm: warm ?? memory(), end: memory() } }
}

/** A new one as it is or made worse, or one that was kept, made worse once or several times. */
function next(corpus: readonly Input[], random: Random): Input {
  const fresh = make(random)
  if (random.next() < 0.25) return fresh
  let input = corpus.length > 0 && random.next() < 0.5 ? random.pick(corpus) : fresh
  const times = random.weighted([
    [6, 1],
    [3, 2],
    [1, 4],
  ])
  for (let i = 0; i < times; i++) input = mutate(input, corpus.length > 0 ? random.pick(corpus) : fresh, random)
  return input
}
