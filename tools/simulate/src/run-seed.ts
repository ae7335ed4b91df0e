/** One run from one seed: a world, people in it, faults, then peace, and the verdict. */

import { Expected } from '@godwit/history/expect.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { passedOver } from '@godwit/server/worker/sweep.ts'
import { Cloud } from './cloud.ts'
import { Device } from './device.ts'
import { Entitlement } from './entitlement.ts'
import { dumpOf, judge } from './judge.ts'
import { Nemesis } from './nemesis.ts'
import { People, signUp } from './people.ts'
import type { Plan } from './plan.ts'
import { PushOrder } from './push-order.ts'
import { Refusals } from './refusals.ts'
import { Revocations } from './revocations.ts'
import type { Branch } from './sometimes.ts'
import { unsoundTables } from './sound-tables.ts'
import { type Problem, World } from './world.ts'

export interface Outcome {
  readonly seed: number
  readonly plan: Plan
  /** Commands, changes and reads. */
  readonly operations: number
  readonly problems: readonly Problem[]
  readonly reached: readonly (readonly [Branch, number])[]
  /** Of everything that happened, in order. */
  readonly digest: string
  readonly trace: readonly string[]
}

/** Virtual time in which all has to be quiet after the last fault was mended. */
const recoverMs = 5 * 60_000
/**
 * Until the sweep has projected what nobody had, and a heartbeat has told what was lost on the way, or that the link is dead: of the server
 * that was killed last, too.
 */
const lateMs = limits.sweepIntervalMs + limits.heartbeatTimeoutMs + 2_000
const operationsInPeace = 25
/** Without faults an entry reaches every device that is there within this time, and no heartbeat is needed for it. */
const promptMs = 5_000
/** When whatever was on its way to the store is there, and the minutes of all activity have passed. */
const settledMs = 10 * 60_000
/** Then two heartbeats, so that what only a heartbeat tells is told. */
const quietMs = 75_000

export async function runSeed(seed: number, { keepTrace = false } = {}): Promise<Outcome> {
  const world = new World(seed, keepTrace)
  const { timeline, plan, trace } = world
  trace.say(JSON.stringify(plan))
  const cloud = new Cloud(world)
  cloud.start()
  new Revocations(world, cloud).begin()
  await timeline.run(2_000)

  const devices: Device[] = []
  const refusals = new Refusals(world)
  const entitlement = new Entitlement()
  const pushOrder = new PushOrder(world)
  const open = async (n: number) => {
    const session = await signUp(world, n)
    const device = new Device(world, {
      session,
      network: cloud.network,
      socketsBlocked: n < plan.polling,
      refusals,
      entitlement,
      pushOrder,
    })
    devices.push(device)
    device.connect()
    return device
  }
  for (let n = 0; n < plan.devices; n++) await open(n)
  await timeline.run(2_000)

  const people = new People(world, devices, (device) => expectSignedOut(world, cloud, device))
  people.begin()
  await timeline.run(plan.ageMs)

  const nemesis = new Nemesis(world, cloud, devices)
  const fault = { proc: 'run', op: 'fault', id: 'all' } as const
  world.recorder.record({ ...fault, type: 'invoke', kind: faultsOf(plan) })
  nemesis.begin()
  const random = world.random('pace')
  for (let n = 0; n < plan.operations; n++) {
    await timeline.run(random.wait(plan.paceMs))
    const here = devices.filter(({ isInUse }) => isInUse)
    if (here.length > 0) people.act(random.pick(here))
  }
  nemesis.end()
  world.recorder.record({ ...fault, type: 'ok' })

  await quiet(world, devices)
  await timeline.run(lateMs)
  await peace(world, devices, people)
  // A device that was never there before.
  await open(plan.devices)
  await quiet(world, devices)
  await timeline.run(quietMs)
  const revoked = devices.filter((device) => device.isRevoked)
  for (const device of devices) if (!device.isRevoked) device.recordViews()
  for (const [fault, times] of cloud.store.hostility.faults) world.reached.hit(`trip ${fault}`, times)
  const operations = world.recorder.lines.filter(
    (line) => (line.op === 'send' || line.op === 'change' || line.op === 'read') && line.type === 'invoke',
  ).length
  for (const line of world.recorder.lines) trace.say(JSON.stringify(line))
  const stream = cloud.store.streamOf(timeline.now() + settledMs)
  const problems = [
    ...judge(world, new Set(revoked.map(({ id }) => id))),
    ...refusals.problems(),
    ...entitlement.problems(world),
    ...(await world.announced.problems(stream, 'sweep', passedOver)),
    ...(await world.announced.problems(stream, 'search')),
    ...unsoundTables(world.tables),
  ]
  return { seed, plan, operations, problems, reached: [...world.reached.counts], digest: trace.digest(), trace: trace.lines }
}

/** People talk, come and go, and nothing goes wrong. */
async function peace(world: World, devices: readonly Device[], people: People): Promise<void> {
  const random = world.random('peace')
  const here = devices.filter((device) => device.isQuiet && !device.isRevoked)
  for (let n = 0; n < operationsInPeace; n++) {
    await world.timeline.run(random.wait(80))
    const device = here.length > 0 ? random.pick(here) : null
    if (!device) return
    if (!device.isInUse) continue
    if (random.next() < 0.25) device.leaveAndReturn(random.int(1, 1_500))
    else people.act(device)
  }
  await world.timeline.run(promptMs)
  const expected = new Expected(dumpOf(world))
  for (const device of here)
    for (const conversation of device.isRevoked ? [] : expected.conversationsOf(device.userId)) {
      const { id } = conversation
      const [told, due] = [device.held.get(id as ConversationId)?.last ?? 0, conversation.lastFor(device.userId) ?? 0]
      if (told < due)
        world.problems.push({ rule: 'C14', message: `${device.id} has ${told} of ${id}, and ${due} was due ${promptMs} ms ago, in peace` })
    }
}

/** T3: one node hears itself, and ends the sessions of a revoked device at once. What several owe is in `revocations.ts`. */
function expectSignedOut(world: World, cloud: Cloud, { id }: Device): void {
  if (world.plan.profile !== 'local') return
  world.timeline.setTimer(1_000, () => {
    const served = [...cloud.network.links].some((link) => link.isServed && link.deviceName.startsWith(`${id}#`))
    if (served) world.problems.push({ rule: 'T3', message: `${id} was revoked, and its session goes on` })
  })
}

/** Those that are on. */
function faultsOf({ faults }: Plan): string {
  return Object.entries(faults)
    .flatMap(([name, rate]) => (rate > 0 ? [name] : []))
    .join(', ')
}

async function quiet(world: World, devices: readonly Device[]): Promise<void> {
  for (let passed = 0; passed < recoverMs; passed += 1_000) {
    if (devices.every(({ isQuiet }) => isQuiet)) return
    await world.timeline.run(1_000)
  }
  const restless = devices.filter((device) => !device.isQuiet).map(({ status }) => status)
  world.problems.push({ rule: 'C14', message: `not quiet ${recoverMs / 1_000} s after everything was healed: ${restless.join('; ')}` })
}
