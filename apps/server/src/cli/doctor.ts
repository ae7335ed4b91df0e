/** `godwit doctor`: looks at what a server needs on this machine before it is needed, and says what to do. */
import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Config, ConfigError, loadConfig } from '../config.ts'
import { StartError } from '../start-error.ts'
import { readTls } from '../tls.ts'

interface Finding {
  readonly check: string
  readonly level: 'ok' | 'advice' | 'problem'
  readonly text: string
}

const freeBytesMin = 1024 ** 3
const openFilesMin = 4_096
const fsyncSlowMs = 20

/** Exit code 1 when there is a problem. */
export async function doctor(): Promise<void> {
  const findings: Finding[] = []
  const config = checkConfig(findings)
  if (config) {
    findings.push(...checkStorage(resolve(config.data)), ...checkTls(config), await checkPort(config))
  }
  findings.push(checkClock(), checkOpenFiles(), checkNode())
  const mark = { ok: '  ok      ', advice: '  advice  ', problem: '  PROBLEM ' }
  for (const { level, check, text } of findings) process.stdout.write(`${mark[level]} ${check.padEnd(10)} ${text}\n`)
  const problems = findings.filter(({ level }) => level === 'problem').length
  process.stdout.write(problems === 0 ? '\nGodwit can run here.\n' : `\n${problems} to mend.\n`)
  process.exitCode = problems === 0 ? 0 : 1
}

function checkConfig(findings: Finding[]): Config | null {
  try {
    const config = loadConfig()
    findings.push({ check: 'config', level: 'ok', text: 'all settings are valid' })
    if (config.host !== '127.0.0.1' && config.host !== '::1' && !config.tlsCert && config.trustedProxies.length === 0)
      findings.push({
        check: 'config',
        level: 'advice',
        text: `open to other machines (GODWIT_HOST=${config.host}) without TLS: set GODWIT_TLS_CERT and GODWIT_TLS_KEY, or name a proxy that does TLS in GODWIT_TRUSTED_PROXIES`,
      })
    return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    findings.push(...error.problems.map((text) => ({ check: 'config', level: 'problem' as const, text })))
    return null
  }
}

function checkStorage(folder: string): Finding[] {
  const base = existingParent(folder)
  const findings: Finding[] = []
  try {
    const probe = mkdtempSync(join(base, '.godwit-doctor-'))
    const ms = fsyncMs(join(probe, 'probe'))
    rmSync(probe, { recursive: true })
    findings.push(
      ms > fsyncSlowMs
        ? { check: 'storage', level: 'advice', text: `${folder}: an fsync takes ${ms.toFixed(1)} ms; every acknowledgement waits for one` }
        : { check: 'storage', level: 'ok', text: `${folder} is writable; an fsync takes ${ms.toFixed(1)} ms` },
    )
  } catch (error) {
    findings.push({
      check: 'storage',
      level: 'problem',
      text: `${folder} is not writable (${(error as NodeJS.ErrnoException).code}): give it to this user, or set GODWIT_DATA`,
    })
  }
  const { bavail, bsize } = statfsSync(base)
  const free = bavail * bsize
  const gib = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  findings.push(
    free < freeBytesMin
      ? { check: 'disk', level: 'problem', text: `${gib} at ${base}: make room, or sends will be refused (STORAGE_FULL)` }
      : { check: 'disk', level: 'ok', text: gib },
  )
  return findings
}

function fsyncMs(path: string): number {
  const file = openSync(path, 'w')
  try {
    const rounds = 5
    const begin = performance.now()
    for (let i = 0; i < rounds; i++) {
      writeSync(file, 'godwit')
      fsyncSync(file)
    }
    return (performance.now() - begin) / rounds
  } finally {
    closeSync(file)
  }
}

function existingParent(folder: string): string {
  let path = folder
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path)
  return existsSync(path) ? path : tmpdir()
}

function checkTls(config: Config): Finding[] {
  try {
    return readTls(config) ? [{ check: 'tls', level: 'ok', text: `${config.tlsCert} and its key are good` }] : []
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return [{ check: 'tls', level: 'problem', text: error.message }]
  }
}

async function checkPort({ port, host }: Config): Promise<Finding> {
  const probe = createServer()
  return new Promise((done) => {
    probe.once('error', (error: NodeJS.ErrnoException) =>
      done({
        check: 'port',
        level: 'problem',
        text:
          error.code === 'EADDRINUSE'
            ? `${port} on ${host} is taken: a Godwit server runs already, or another program does; set GODWIT_PORT`
            : `cannot listen on ${host}:${port} (${error.code}): set GODWIT_HOST or GODWIT_PORT`,
      }),
    )
    probe.listen(port, host, () => probe.close(() => done({ check: 'port', level: 'ok', text: `${port} on ${host} is free` })))
  })
}

function checkClock(): Finding {
  const now = new Date()
  const isPlausible = now.getUTCFullYear() >= 2026 && now.getUTCFullYear() < 2100
  return isPlausible
    ? { check: 'clock', level: 'ok', text: now.toISOString() }
    : { check: 'clock', level: 'problem', text: `${now.toISOString()} cannot be right: tokens would not be accepted; set the clock (NTP)` }
}

function checkOpenFiles(): Finding {
  const limit = /^Max open files\s+(\S+)/m.exec(existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : '')?.[1]
  if (limit === undefined) return { check: 'limits', level: 'ok', text: 'open files: not known on this system' }
  const isEnough = limit === 'unlimited' || Number(limit) >= openFilesMin
  return isEnough
    ? { check: 'limits', level: 'ok', text: `${limit} open files: as many connections, less some` }
    : {
        check: 'limits',
        level: 'advice',
        text: `${limit} open files bound the connections; raise it: ulimit -n 65536, or LimitNOFILE= of systemd`,
      }
}

function checkNode(): Finding {
  return { check: 'node', level: 'ok', text: process.version }
}
