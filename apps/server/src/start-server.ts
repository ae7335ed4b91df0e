/** Puts the server together from a profile's ports, and takes it down again. */
import { randomBytes } from 'node:crypto'
import { availableParallelism, networkInterfaces } from 'node:os'
import { limits } from '@godwit/protocol/limits.ts'
import { createAccountServices } from '@godwit/server/accounts/create-account-services.ts'
import { createChat } from '@godwit/server/chat/create-chat.ts'
import { Gateway } from '@godwit/server/gateway/gateway.ts'
import { Hub } from '@godwit/server/gateway/hub.ts'
import { Eraser } from '@godwit/server/worker/eraser.ts'
import { Sweep } from '@godwit/server/worker/sweep.ts'
import { createAddressOf } from './address.ts'
import type { Config } from './config.ts'
import { createHttpListener } from './http-listener.ts'
import type { Log } from './log.ts'
import { createOriginRule, type OriginRule } from './origin.ts'
import { outsideIssuer } from './outside-keys.ts'
import { servePolls } from './poll-listener.ts'
import { StartError } from './start-error.ts'
import type { Wiring } from './wiring.ts'
import { attachWebSockets } from './ws-listener.ts'

export interface RunningServer {
  /** Where people reach it; the first is for this machine. */
  readonly urls: readonly string[]
  /** Stops accepting, finishes appends, closes sessions with a resumable code, then the store. */
  drain(): Promise<void>
}

export async function startServer(config: Config, log: Log, wiring: Wiring): Promise<RunningServer> {
  const { clock, bus, vault, accounts, devices, sightings } = wiring
  const accountServices = await createAccountServices({
    accounts,
    devices,
    vault,
    bus,
    clock,
    randomBytes,
    // libuv has four threads for hashes and for everything else that must not wait behind them.
    passwordHashesAtOnce: Math.min(limits.passwordHashesAtOnceMax, Math.max(2, availableParallelism() - 1)),
    registrationOpen: config.registration === 'open',
    registrationsPerAddressPerHour: config.registrationsPerHour,
    outsideIssuer: outsideIssuer(config),
  })
  const hub = new Hub()
  const chat = await createChat({
    ...wiring,
    log: wiring.messageLog,
    delivery: hub,
    onError: (error, conversationId) => log.error({ err: error, conversationId }, 'background work failed; the sweep makes it good'),
  })
  const onError = (error: unknown) => log.error({ err: error }, 'background work failed')
  const gateway = new Gateway({
    clock,
    chat,
    hub,
    authenticate: accountServices.authenticate,
    accounts,
    devices,
    signOutPosition: await devices.signOutPosition(),
    sightings,
    bus,
    epoch: await vault.getOrCreate('epoch', () => randomBytes(16).toString('hex')),
    schedule: setImmediate,
    onError,
  })
  const sweep = new Sweep({
    clock,
    log: wiring.messageLog,
    conversations: wiring.conversations,
    events: wiring.eventStream,
    onError,
  })
  await sweep.start()
  const eraser = new Eraser({ ...wiring, chat, onError })
  eraser.start()

  let isDraining = false
  let isAllowedOrigin: OriginRule = () => false
  const addressOf = createAddressOf(config.trustedProxies)
  const listener = createHttpListener({
    config,
    log,
    authenticate: accountServices.authenticate,
    services: { ...accountServices, chat, presenceOf: (principal, userIds) => gateway.presence.of(principal, userIds) },
    rates: gateway.rates,
    addressOf,
    isAllowedOrigin: (origin) => isAllowedOrigin(origin),
    isDraining: () => isDraining,
  })
  attachWebSockets(listener.server, { gateway, addressOf, isAllowedOrigin: (origin) => isAllowedOrigin(origin) })
  servePolls(listener.http, { gateway, rates: gateway.rates, clock, addressOf })
  const port = await listener.listen().catch(explainListen(config))
  const tls = config.tlsCert !== undefined
  isAllowedOrigin = createOriginRule({ configured: config.origins, host: config.host, port, tls })

  return {
    urls: urlsOf(config.host, port, tls),
    async drain() {
      isDraining = true
      const closed = listener.close()
      await gateway.drain()
      await Promise.race([closed, new Promise<void>((resolve) => clock.setTimer(limits.drainMs, resolve))])
      await Promise.all([sweep.stop(), eraser.stop()])
      await wiring.close()
    },
  }
}

function explainListen({ host, port }: Config) {
  return (error: NodeJS.ErrnoException): never => {
    if (error.code === 'EADDRINUSE')
      throw new StartError(`GODWIT_PORT: ${port} on ${host} is taken by another program. Stop it, or choose another port.`)
    if (error.code === 'EACCES') throw new StartError(`GODWIT_PORT: this user may not listen on ${port}. Choose a port from 1024 on.`)
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
      throw new StartError(`GODWIT_HOST: ${host} is no address of this machine. Use 127.0.0.1, 0.0.0.0 or one that it has.`)
    throw error
  }
}

function urlsOf(host: string, port: number, tls: boolean): string[] {
  const url = (name: string) => `${tls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`
  if (host === '127.0.0.1' || host === '::1') return [url('localhost')]
  if (host !== '0.0.0.0' && host !== '::') return [url(host)]
  const others = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return [url('localhost'), ...others.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => url(address))]
}
