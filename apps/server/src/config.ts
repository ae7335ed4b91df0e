/**
 * The configuration: one schema, filled from the environment (`GODWIT_PORT`) and, behind it, from a JSON file named by
 * `GODWIT_CONFIG` (`{"port": 8080}`). `docs/configuration.md` is held to this schema by a test.
 */
import { readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { limits } from '@godwit/protocol/limits.ts'
import { z } from 'zod'

/** A number, or text of digits alone: what else JavaScript takes for a number ('', true, 0x50) is a mistake here. */
function wholeNumber(min: number, max: number, error: string) {
  const fromText = (value: unknown) => (typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value)
  return z.preprocess(fromText, z.number({ error }).int(error).min(min, error).max(max, error))
}
const filePath = z.string().min(1, 'must be the path of a file')

/** A list: commas in the environment, an array or commas in the file. */
function listOf<S extends z.ZodType<string>>(item: S) {
  return z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : value,
    z.array(item),
  )
}

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text && text !== 'null' && !text.includes('*'), {
  error: 'must be origins such as https://chat.example.org, without a path, separated by commas',
})
const network = z.string().refine(isNetwork, { error: 'must be addresses or networks such as 10.0.0.0/8, separated by commas' })
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })

export const configSchema = z
  .strictObject({
    port: wholeNumber(0, 65_535, 'must be a whole number from 0 to 65535')
      .default(8080)
      .describe('Port of web client, HTTP API and WebSocket. 0 takes any free one.'),
    host: z
      .string()
      .min(1, 'must be an address')
      .default('127.0.0.1')
      .describe(
        'Address to listen on. The default is reachable from this machine alone, so that passwords never cross a network in the clear by accident; 0.0.0.0 opens it to others: then use TLS or a proxy that does.',
      ),
    data: z.string().min(1, 'must be a folder').default('./data').describe('Folder for everything that is kept. One server at a time.'),
    origins: listOf(origin)
      .default([])
      .describe(
        'Web origins, separated by commas, whose pages may use this server, besides its own addresses. Name the public one when behind a proxy: https://chat.example.org.',
      ),
    trustedProxies: listOf(network)
      .default([])
      .describe('Addresses or networks, separated by commas, of proxies whose X-Forwarded-For is believed.'),
    tlsCert: filePath.optional().describe('PEM file with the certificate chain. Together with the key it turns TLS on.'),
    tlsKey: filePath.optional().describe('PEM file with the private key.'),
    registration: z
      .enum(['open', 'closed'], { error: 'must be open or closed' })
      .default('open')
      .describe('Whether people may register themselves: open or closed.'),
    registrationsPerHour: wholeNumber(1, Number.MAX_SAFE_INTEGER, 'must be a whole number above 0')
      .default(limits.registrationsPerAddressPerHourMax)
      .describe('Registrations from one address in an hour.'),
    issuer: z.string().min(1).optional().describe('Bring your own users: `iss` of the tokens of an outside issuer.'),
    issuerAudience: z.string().min(1).optional().describe('`aud` that its tokens must have.'),
    issuerJwksUrl: webUrl.optional().describe('Where its public keys are (JWKS). Either this or a shared key.'),
    issuerSharedKey: z.string().min(32, 'must have at least 32 characters').optional().describe('Shared key of its HS256 tokens.'),
    issuerNameClaim: z.string().min(1).default('name').describe('Claim with the name to show.'),
    logLevel: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'must be debug, info, warn, error or silent' })
      .default('info')
      .describe('debug, info, warn, error or silent.'),
    logFormat: z
      .enum(['auto', 'json', 'pretty'], { error: 'must be auto, json or pretty' })
      .default('auto')
      .describe('json, pretty, or auto: pretty on a terminal.'),
  })
  .superRefine((config, check) => {
    const problem = (key: string, message: string) => check.addIssue({ code: 'custom', path: [key], message })
    if (config.tlsCert && !config.tlsKey) problem('tlsKey', 'is missing: a certificate needs its key')
    if (config.tlsKey && !config.tlsCert) problem('tlsCert', 'is missing: a key needs its certificate')
    if (config.issuer && !config.issuerAudience) problem('issuerAudience', 'is missing: tokens made for others must not open this server')
    if (config.issuer && !config.issuerJwksUrl === !config.issuerSharedKey)
      problem('issuerJwksUrl', 'give either a JWKS URL or a shared key')
    if (!config.issuer && (config.issuerJwksUrl || config.issuerSharedKey)) problem('issuer', 'is missing: whose keys are these?')
  })

export type Config = z.output<typeof configSchema>

/** What is wrong with the configuration, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** `trustedProxies` in the file is `GODWIT_TRUSTED_PROXIES` in the environment. */
export function envName(key: string): string {
  return `GODWIT_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** Every setting, for the page that lists them. */
export const settings: readonly { readonly key: string; readonly env: string; readonly default: string; readonly description: string }[] =
  Object.entries(configSchema.shape).map(([key, schema]) => {
    const standard: unknown = schema.safeParse(undefined).data
    return { key, env: envName(key), default: standard === undefined ? '' : String(standard), description: schema.description ?? '' }
  })

/** The only reader of the process's environment. Throws `ConfigError`. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const file = env.GODWIT_CONFIG ? readConfigFile(env.GODWIT_CONFIG) : {}
  const given: Record<string, unknown> = { ...file }
  // An empty variable counts as unset: that is what `GODWIT_TLS_CERT= npm start` and compose files mean by it.
  for (const { key, env: name } of settings) if (env[name]) given[key] = env[name]

  const result = configSchema.safeParse(given)
  if (result.success) return result.data
  throw new ConfigError(
    result.error.issues.flatMap((issue) => {
      if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${key} in ${env.GODWIT_CONFIG}: there is no such setting`)
      const key = String(issue.path[0])
      const source = env[envName(key)] ? envName(key) : key in file ? `${key} in ${env.GODWIT_CONFIG}` : envName(key)
      const shown = given[key] === undefined || key === 'issuerSharedKey' ? '' : ` (it is ${JSON.stringify(given[key])})`
      return [`${source} ${issue.message}${shown}`]
    }),
  )
}

function readConfigFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (error) {
    throw new ConfigError([`GODWIT_CONFIG names ${path}, which cannot be read: ${(error as Error).message}`])
  }
  throw new ConfigError([`GODWIT_CONFIG names ${path}, which must hold one JSON object`])
}

function isNetwork(text: string): boolean {
  try {
    networks([text])
    return true
  } catch {
    return false
  }
}

/** Addresses and networks as a list that can be asked. Throws on what is neither. */
export function networks(texts: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', bits] = text.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, /^\d+$/.test(bits) ? Number(bits) : -1, family)
  }
  return list
}
