import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ConfigError, loadConfig, settings } from './config.ts'

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function configFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-config-'))
  folders.push(folder)
  const path = join(folder, 'godwit.json')
  writeFileSync(path, text)
  return path
}

test('docs/configuration.md lists every setting with its default, and no other', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const told = page.split('\n').filter((line) => line.startsWith('| `GODWIT_'))
  const known = settings.map(
    ({ env, key, default: standard, description }) =>
      `| \`${env}\` | \`${key}\` | ${standard === '' ? '' : `\`${standard}\``} | ${description} |`,
  )
  expect(told).toEqual(known)
})

describe('the environment', () => {
  test('nothing set: this machine alone, port 8080, ./data', () => {
    expect(loadConfig({})).toMatchObject({ port: 8080, host: '127.0.0.1', data: './data', origins: [], registration: 'open' })
  })

  test('values and lists', () => {
    const config = loadConfig({
      GODWIT_PORT: '0',
      GODWIT_ORIGINS: 'https://chat.example.org, http://localhost:5173',
      GODWIT_TRUSTED_PROXIES: '10.0.0.0/8,::1',
      GODWIT_TLS_CERT: '',
    })
    expect(config).toMatchObject({
      port: 0,
      origins: ['https://chat.example.org', 'http://localhost:5173'],
      trustedProxies: ['10.0.0.0/8', '::1'],
    })
    expect(config.tlsCert).toBeUndefined()
  })

  test.each([
    ['GODWIT_PORT', '65536'],
    ['GODWIT_PORT', '80.5'],
    ['GODWIT_PORT', ' '],
    ['GODWIT_PORT', '-1'],
    ['GODWIT_PORT', '0x50'],
    // What Kubernetes sets for a service named godwit.
    ['GODWIT_PORT', 'tcp://10.3.240.1:8080'],
    ['GODWIT_ORIGINS', 'chat.example.org'],
    ['GODWIT_ORIGINS', 'https://chat.example.org/'],
    ['GODWIT_ORIGINS', 'https://*.example.org'],
    ['GODWIT_ORIGINS', 'null'],
    ['GODWIT_TRUSTED_PROXIES', 'proxy.internal'],
    ['GODWIT_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['GODWIT_TRUSTED_PROXIES', '10.0.0.0/'],
    ['GODWIT_REGISTRATION', 'yes'],
    ['GODWIT_REGISTRATIONS_PER_HOUR', '0'],
    ['GODWIT_LOG_LEVEL', 'loud'],
  ])('%s=%s gets one message that names it and its value', (name, value) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${name} .*must`))
    expect(problems[0]).toContain(value)
  })

  test('all that is wrong is told at once', () => {
    expect(problemsOf({ GODWIT_PORT: 'x', GODWIT_LOG_LEVEL: 'loud' })).toHaveLength(2)
  })

  test.each([
    [{ GODWIT_TLS_CERT: 'cert.pem' }, 'GODWIT_TLS_KEY'],
    [{ GODWIT_TLS_KEY: 'key.pem' }, 'GODWIT_TLS_CERT'],
    [{ GODWIT_ISSUER: 'https://id.example.org', GODWIT_ISSUER_SHARED_KEY: 'k'.repeat(32) }, 'GODWIT_ISSUER_AUDIENCE'],
    [{ GODWIT_ISSUER: 'https://id.example.org', GODWIT_ISSUER_AUDIENCE: 'chat' }, 'GODWIT_ISSUER_JWKS_URL'],
    [{ GODWIT_ISSUER_JWKS_URL: 'https://id.example.org/keys' }, 'GODWIT_ISSUER'],
  ])('%j names what is missing: %s', (env, missing) => {
    expect(problemsOf(env)).toEqual([expect.stringContaining(missing)])
  })

  test('[T2] a secret is not repeated in the message', () => {
    expect(problemsOf({ GODWIT_ISSUER_SHARED_KEY: 'hunter2' }).join()).not.toContain('hunter2')
  })
})

describe('the file', () => {
  test('its values stand behind those of the environment', () => {
    const path = configFile('{"port": 9000, "host": "::1", "origins": ["https://chat.example.org"]}')
    const config = loadConfig({ GODWIT_CONFIG: path, GODWIT_PORT: '9001' })
    expect(config).toMatchObject({ port: 9001, host: '::1', origins: ['https://chat.example.org'] })
  })

  test('a key that does not exist, and a bad value, are named with the file', () => {
    const path = configFile('{"prot": 9000, "logLevel": "loud"}')
    const problems = problemsOf({ GODWIT_CONFIG: path }).join('\n')
    expect(problems).toContain(`prot in ${path}`)
    expect(problems).toContain(`logLevel in ${path}`)
  })

  test.each(['null', 'true', '""', '[]', '[80]'])('%s is no port', (value) => {
    expect(problemsOf({ GODWIT_CONFIG: configFile(`{"port": ${value}}`) })).toEqual([expect.stringContaining('must be a whole number')])
  })

  test.each(['', '[]', '"x"', '{'])('%j is refused with the path', (text) => {
    const path = configFile(text)
    expect(problemsOf({ GODWIT_CONFIG: path })).toEqual([expect.stringContaining(path)])
  })

  test('one that is not there is refused with the path', () => {
    expect(problemsOf({ GODWIT_CONFIG: '/nowhere/godwit.json' })).toEqual([expect.stringContaining('/nowhere/godwit.json')])
  })
})
