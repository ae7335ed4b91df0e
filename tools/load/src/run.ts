import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from '@godwit/history/check.ts'
import type { Dump } from '@godwit/history/dump.ts'
import { readHistory, writeDumpFile } from '@godwit/history/files.ts'
import type { HistoryLine } from '@godwit/history/history.ts'
import { readDump } from '@godwit/history/sqlite-dump.ts'
import { CuttingProxy } from './chaos/cutting-proxy.ts'
import { freePort, ServerProcess } from './chaos/server-process.ts'
import { now } from './drive/recorder.ts'
import { Fleet } from './fleet.ts'
import { Http } from './http.ts'
import type { RunOptions } from './options.ts'
import { Pages } from './pages.ts'
import { liveLine } from './progress.ts'
import { printReport } from './report.ts'
import { askHttp } from './second-opinion.ts'
import { type Population, populate } from './setup.ts'
import { createRandom, type Random } from './world/random.ts'
import { createTalk } from './world/talk.ts'
import { createWorld, type Person, type World } from './world/world.ts'

/** HTTP reads every entry for one user in so many, and the list for all. */
const historyReaderEvery = 20

/** Answers the number of violations. */
export async function runAcceptance(options: RunOptions): Promise<number> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'godwit-acceptance-'))
  mkdirSync(join(folder, 'stores'), { recursive: true })
  console.log(
    `seed ${options.seed}, ${options.users} users, ${options.devices} devices, ${options.operations} operations; files in ${folder}`,
  )
  const times: [string, number][] = []
  const lines: HistoryLine[] = []
  const world = createWorld(options)
  const port = await freePort()
  const pagesRandom = createRandom(`${options.seed} pages`)
  const proxy = await CuttingProxy.start({ targetPort: port, random: pagesRandom, cutEveryMs: options.cutEveryS * 1_000 })
  const server = new ServerProcess({
    port,
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'server.log'),
    env: { GODWIT_REGISTRATIONS_PER_HOUR: '100000', GODWIT_LOG_LEVEL: 'warn', GODWIT_ORIGINS: proxy.url },
  })
  const live = liveLine()
  let fleet: Fleet | null = null
  let pages: Pages | string = 'without browser pages, as --no-browser says'
  try {
    times.push(['server start', await server.start()])
    const http = new Http(server.url)
    const population = await populate(world, http, live.show)
    times.push(['sign-up', population.signUpMs], ['first conversations', population.conversationsMs])

    fleet = await Fleet.start({ options, world, population, serverPort: server.port, folder })
    const status = setInterval(() => live.show(fleet?.status() ?? ''), 1_000)
    try {
      if (options.browser) pages = await openPages(proxy, world, population, http, pagesRandom, folder)
      times.push(['all devices connected', await timed(() => (fleet as Fleet).say('connect'))])
      proxy.startCutting()
      const talking = fleet.say('go')
      const typing = typeof pages === 'string' ? undefined : pages.type()
      const killing = killAtRandom(server, fleet, options, lines)
      const chaosMs = await timed(() => Promise.all([talking, killing]))
      times.push(['talking under faults', chaosMs])
      if (typeof pages !== 'string') pages.stopTyping()
      await typing
      proxy.stopCutting()
      await fleet.say('heal')
      await fleet.arrive(population.sessions[world.lateDevice] as (typeof population.sessions)[number])
      times.push(['healed and quiet', await timed(() => (fleet as Fleet).settle(options.settleS * 1_000, options.quietS * 1_000))])
    } finally {
      clearInterval(status)
    }
    if (typeof pages !== 'string') {
      live.show('reading the screens of the pages')
      await pages.readScreens(30_000)
      lines.push(...pages.lines)
      await pages.close()
    }
    live.show('asking HTTP for a second opinion')
    const readers = await fleet.readers(historyReaderEvery)
    const personOf = (user: string) => world.people[population.userIds.indexOf(user as `u_${string}`)] as Person
    const freshToken = async (user: string) => (await http.login(personOf(user), 'second opinion')).accessToken
    lines.push(...(await askHttp(http, readers, freshToken)))
    await fleet.finish()
    const exitCode = await server.stop()
    const complaints = typeof pages === 'string' ? [] : pages.complaints
    const notes = [
      ...complaints,
      ...server.crashes,
      ...fleet.unsettled,
      ...(exitCode === 0 ? [] : [`the server did not drain: exit code ${exitCode}`]),
    ]

    live.show('judging')
    const dump = readDump(join(folder, 'data'))
    lines.unshift(runLine(options))
    const begun = performance.now()
    const verdict = check(readHistory(gather(folder, lines, dump)), dump)
    times.push(['judging', performance.now() - begun])
    live.end()
    printReport(
      {
        seed: options.seed,
        times,
        counts: [...fleet.counts(), ['typed into two pages', typedCount(lines)]],
        latency: fleet.latency,
        dump,
        notes,
      },
      verdict,
    )
    const count = verdict.total + notes.length
    if (typeof pages === 'string') console.log(`  ${pages}`)
    if (count > 0) console.log(`  files are kept in ${folder}`)
    else if (!options.folder) rmSync(folder, { recursive: true })
    return count
  } finally {
    live.end()
    await fleet?.end()
    if (typeof pages !== 'string') await pages.close()
    await proxy.close()
    await server.kill()
  }
}

const typedCount = (lines: readonly HistoryLine[]) => lines.filter(({ op }) => op === 'typed').length

/** For two of the middling busy, so that their own typing is a good part of what they say. */
async function openPages(
  proxy: CuttingProxy,
  world: World,
  { userIds, sessions }: Population,
  http: Http,
  random: Random,
  folder: string,
): Promise<Pages | string> {
  const [one, other] = [2, 3]
  const first = world.deviceOwners.indexOf(one)
  const { conversation } = await http.openDirect((sessions[first] as (typeof sessions)[number]).accessToken, userIds[other] as string)
  const people = [one, other].map((user) => [world.people[user] as Person, userIds[user] as string] as const)
  return await Pages.open({ proxy, random, talk: createTalk(random), people, conv: conversation.conversationId, folder })
}

/** Spread over the run by chance; each strikes while something is under way. */
async function killAtRandom(
  server: ServerProcess,
  fleet: Fleet,
  { kills, operations, seed }: RunOptions,
  lines: HistoryLine[],
): Promise<void> {
  const random = createRandom(`${seed} kills`)
  const moments = Array.from({ length: kills }, () => 0.02 + 0.94 * random.next()).sort((a, b) => a - b)
  for (const moment of moments) {
    while (fleet.count('started') < moment * operations || fleet.count('pending') === 0) await pause(1)
    const fault = { proc: 'run', op: 'fault', id: `kill-${lines.length}` } as const
    lines.push({ ...fault, t: now(), type: 'invoke', kind: 'kill -9 of the server' })
    await server.kill()
    await pause(random.int(50, 1_500))
    await server.start()
    lines.push({ ...fault, t: now(), type: 'ok' })
  }
}

/** Says by which bounds it is to be judged, here and by `godwit check`. */
function runLine({ seed, users, devices, operations, kills, settleS, lateS }: RunOptions): HistoryLine {
  const command = `npm run acceptance -- --seed ${seed} --users ${users} --devices ${devices} --operations ${operations} --kills ${kills}`
  // Generous in time: server, devices and whatever else the machine does share its cores.
  const bounds = { operationsMin: operations / 2, faultsMin: kills, deliveryMsMax: lateS * 1_000, recoveryMsMax: settleS * 1_000 }
  return { t: now(), proc: 'run', op: 'run', type: 'info', command, bounds }
}

/** One history of all workers, and the log beside it: `godwit check` reads them. Answers the path of the history. */
function gather(folder: string, lines: readonly HistoryLine[], dump: Dump): string {
  const file = join(folder, 'history.jsonl')
  writeFileSync(file, '')
  for (const name of readdirSync(folder).filter((one) => /^worker-\d+\.jsonl$/.test(one))) {
    appendFileSync(file, readFileSync(join(folder, name)))
    rmSync(join(folder, name))
  }
  appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  writeDumpFile(join(folder, 'dump.jsonl'), dump)
  return file
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await run()
  return performance.now() - begun
}
