/** A thread full of devices behind a proxy that cuts their links. */
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { memoryStore, type Session } from '@godwit/client'
import { fileStore } from '@godwit/client/node'
import { CuttingProxy } from '../chaos/cutting-proxy.ts'
import { pickAction } from '../world/mix.ts'
import { createRandom, createZipf } from '../world/random.ts'
import { createTalk } from '../world/talk.ts'
import { zipfExponent } from '../world/world.ts'
import { Actor } from './actor.ts'
import { Device } from './device.ts'
import type { FromWorker, ToWorker, WorkerData } from './messages.ts'
import { Counters, Histogram, Recorder } from './recorder.ts'

/** One device in so many keeps its store in a file. */
const fileStoreEvery = 20
/** Devices that connect at the same moment, at the start. */
const connectAtOnce = 50

const data = workerData as WorkerData
const random = createRandom(`${data.seed} worker ${data.index}`)
const counters = new Counters(data.counters)
const recorder = new Recorder(data.historyFile)
const latency = new Histogram()
const proxy = await CuttingProxy.start({
  targetPort: data.serverPort,
  random: createRandom(`${data.seed} cuts ${data.index}`),
  cutEveryMs: data.cutEveryMs,
})
const devices = await Promise.all(data.devices.map(open))
const actor = new Actor({ random, talk: createTalk(random), counters, userIds: data.userIds, pendingMax: data.pendingMax })

async function open(session: Session, index: number): Promise<Device> {
  const store = index % fileStoreEvery === 1 ? await fileStore(join(data.storesFolder, `${session.deviceId}.jsonl`)) : memoryStore()
  return new Device({ session, url: proxy.url, store, recorder, counters, latency })
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message)
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A few at a time, as a crowd that comes in by the door. */
async function connectAll(): Promise<void> {
  for (let i = 0; i < devices.length; i += connectAtOnce) {
    const batch = devices.slice(i, i + connectAtOnce)
    for (const device of batch) device.connect()
    while (batch.some((device) => !isSynced(device))) await pause(20)
  }
}

function isSynced(device: Device): boolean {
  const state = device.client.connection.get()
  return state.status === 'online' && !state.syncing
}

/** Operations at random moments, by Zipf: the devices of the busy do most. */
async function run(): Promise<void> {
  const byRank = [...devices.keys()].sort((a, b) => (data.ranks[a] ?? 0) - (data.ranks[b] ?? 0))
  const zipf = createZipf(devices.length, zipfExponent, random)
  let done = 0
  let due = performance.now()
  while (done < data.operations) {
    // People wait when nothing goes out; a load that only grows would measure its own queue.
    while (counters.get('pending') > Math.max(300, devices.length)) await pause(50)
    const device = devices[byRank[zipf()] as number] as Device
    if (actor.act(device, pickAction(random))) done++
    due += random.wait(1_000 / data.operationsPerS)
    const early = due - performance.now()
    if (early > 1) await pause(early)
    // Behind the plan the rest is not thrown in at once: everybody shares two cores.
    else if (early < -1_000) due = performance.now()
    if (done % 64 === 0) await pause(0)
  }
}

/** Quiet for a while, or the time is over: then who is not, and why. */
async function settle(timeoutMs: number, quietMs: number): Promise<string[]> {
  const until = performance.now() + timeoutMs
  let quietSince = performance.now()
  let told = counters.get('told')
  for (let round = 1; performance.now() < until; round++) {
    await pause(100)
    // As the operating system does when the network is back.
    if (round % 30 === 0) for (const device of devices) if (device.client.connection.get().status === 'offline') device.client.wake()
    const isQuiet = devices.every((device) => device.isQuiet) && counters.get('told') === told
    told = counters.get('told')
    if (!isQuiet) quietSince = performance.now()
    if (performance.now() - quietSince > quietMs) return []
  }
  const restless = devices.filter((device) => !device.isQuiet)
  if (restless.length === 0) return [`worker ${data.index}: all is caught up, and yet it is not quiet`]
  return restless.map(
    (device) => `${device.id} is not quiet: ${JSON.stringify(device.client.connection.get())}, ${device.pending} unsettled`,
  )
}

function heal(): void {
  proxy.stopCutting()
  for (const device of devices) {
    if (device.isAway) device.connect()
    device.client.wake()
  }
}

parentPort?.on('message', async (message: ToWorker) => {
  switch (message.say) {
    case 'connect':
      await connectAll()
      tell({ said: 'connected' })
      break
    case 'go':
      proxy.startCutting()
      await run()
      tell({ said: 'done' })
      break
    case 'heal':
      heal()
      tell({ said: 'healed' })
      break
    case 'arrive': {
      const device = await open(message.session, 0)
      devices.push(device)
      device.connect()
      tell({ said: 'arrived' })
      break
    }
    case 'settle':
      tell({ said: 'settled', unsettled: await settle(message.timeoutMs, message.quietMs) })
      break
    case 'tokens':
      tell({
        said: 'tokens',
        tokens: new Map(await Promise.all(devices.map(async (device) => [device.userId, await device.token()] as const))),
      })
      break
    case 'finish':
      for (const device of devices) device.recordViews()
      await Promise.all(devices.map((device) => device.disconnect()))
      await proxy.close()
      await recorder.close()
      tell({ said: 'finished', latency: latency.counts })
      parentPort?.close()
  }
})

setInterval(() => counters.add('cuts', proxy.cutCount - counters.get('cuts')), 500).unref()
