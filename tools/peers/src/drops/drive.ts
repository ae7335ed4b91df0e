/**
 * Pairs that write to each other at a steady rate while each one's network is taken away again and again, and a count at the end: of
 * the messages that a sender was told are taken, how many did the recipient's client tell its application?
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { textOf } from '@godwit/bench/load/texts.ts'
import { createRandom } from '@godwit/load/world/random.ts'
import type { Couriers, Heard } from './courier.ts'
import { type Drop, drops, FlakyLink } from './flaky-link.ts'

export interface DriveOptions {
  readonly targetPort: number
  readonly pairs: number
  readonly seconds: number
  /** How long messages that were acked are waited for once all networks are back. */
  readonly lastMs: number
  readonly open: (urls: readonly string[], heard: Heard) => Promise<Couriers>
}

export interface Tally {
  sent: number
  acked: number
  /** Acked, and told to the recipient's application. */
  delivered: number
  /** Told more than once. */
  repeated: number
  drops: number
}

const dropMs = 2_000
/** Between the beginnings of two drops of one person. */
const dropEveryMs = 10_000
const perPersonMs = 500
/** How long the last acks are waited for: longer than all retries of a client take. */
const lastAckMs = 60_000

/** By the kind of drop: of the pairs, each kind has its share. */
export async function drive({ targetPort, pairs, seconds, lastMs, open }: DriveOptions): Promise<Record<Drop, Tally>> {
  await using resources = new AsyncDisposableStack()
  const people = pairs * 2
  const links = await Promise.all(Array.from({ length: people }, () => FlakyLink.start(targetPort)))
  for (const link of links) resources.defer(() => link.close())
  const kindOf = (person: number) => drops[Math.floor(person / 2) % drops.length] as Drop
  const told = new Map<string, { readonly kind: Drop; times: number }>()
  const couriers = await open(
    links.map(({ url }) => url),
    (by, id) => {
      const known = told.get(id)
      if (known) known.times++
      else told.set(id, { kind: kindOf(by), times: 1 })
    },
  )
  resources.defer(() => couriers.end())

  const tallies = Object.fromEntries(drops.map((drop) => [drop, { sent: 0, acked: 0, delivered: 0, repeated: 0, drops: 0 }])) as Record<
    Drop,
    Tally
  >
  const acked: { readonly id: string; readonly kind: Drop }[] = []
  let settled = 0
  let sent = 0
  const write = async (from: number) => {
    const kind = kindOf(from)
    const n = sent++
    const id = `m${n}`
    tallies[kind].sent++
    try {
      await couriers.send(from, from ^ 1, { id, text: textOf(n) })
      tallies[kind].acked++
      acked.push({ id, kind })
    } catch {
      // The client gave up and said so: nobody was promised anything.
    }
    settled++
  }

  const random = createRandom('drops')
  const timers = Array.from({ length: people }, (_, person) => [
    repeat(perPersonMs, random.int(0, perPersonMs), () => write(person)),
    repeat(dropEveryMs, random.int(0, dropEveryMs), () => (links[person] as FlakyLink).drop(kindOf(person), dropMs)),
  ]).flat()
  await sleep(seconds * 1_000)
  for (const stop of timers) stop()
  for (const link of links) link.heal()
  await until(lastAckMs, () => settled === sent)
  await until(lastMs, () => acked.every(({ id }) => told.has(id)))

  for (const { id, kind } of acked) if (told.has(id)) tallies[kind].delivered++
  for (const { kind, times } of told.values()) if (times > 1) tallies[kind].repeated++
  for (const [person, { dropCount }] of links.entries()) tallies[kindOf(person)].drops += dropCount
  return tallies
}

/** At even moments, the first after `firstMs`. Answers what ends it. */
function repeat(everyMs: number, firstMs: number, act: () => void): () => void {
  let timer = setTimeout(() => {
    act()
    timer = setInterval(act, everyMs)
  }, firstMs)
  return () => clearInterval(timer)
}

async function until(deadlineMs: number, isDone: () => boolean): Promise<void> {
  for (const begun = performance.now(); !isDone() && performance.now() - begun < deadlineMs; ) await sleep(50)
}
