/** [T26] What others could change beneath us: versions, contents, and code that runs at install. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readAudit } from './audit.ts'

interface Locked {
  readonly version?: string
  readonly link?: boolean
  readonly integrity?: string
  readonly hasInstallScript?: boolean
}
interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const json = <T>(path: string) => JSON.parse(readFileSync(root + path, 'utf8')) as T
const locked = Object.entries(json<{ packages: Record<string, Locked> }>('package-lock.json').packages)
const manifests = execFileSync('git', ['ls-files', '*package.json'], { cwd: root, encoding: 'utf8' }).trim().split('\n')

test('[T26] every dependency is one exact version, locked with the hash of its content', () => {
  for (const path of manifests) {
    const { dependencies, devDependencies } = json<Manifest>(path)
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect(version, `${path}: ${name}`).toMatch(name.startsWith('@godwit/') ? /^\*$/ : /^\d+\.\d+\.\d+$/)
  }
  const loose = locked.filter(([path, { link, integrity }]) => path.includes('node_modules/') && !link && !integrity?.startsWith('sha512-'))
  expect(loose.map(([path]) => path)).toEqual([])
})

test('[T26] no dependency runs code when it is installed', () => {
  expect(locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([])
})

test('[T26] the server rests on few: one more is a decision', () => {
  const shipped = ['apps/server', 'packages/protocol', 'packages/server', 'packages/backend-local', 'packages/client']
  const names = shipped.flatMap((path) => Object.keys(json<Manifest>(`${path}/package.json`).dependencies ?? {}))
  const others = [...new Set(names.filter((name) => !name.startsWith('@godwit/')))].sort()
  expect(others).toEqual(['@fastify/send', 'commander', 'fastify', 'jose', 'pino', 'pino-pretty', 'ws', 'zod'])
})

test('[T26] a known advisory fails the run of CI; a registry that answers no audits does not', () => {
  const via = [{ title: 'ws affected by a DoS when handling many HTTP headers', url: 'https://github.com/advisories/GHSA-3h5v-q93c-6h6q' }]
  const found = { auditReportVersion: 2, vulnerabilities: { ws: { name: 'ws', severity: 'high', via, range: '8.0.0 - 8.17.0' } } }
  expect(readAudit(JSON.stringify(found))).toEqual({ advisories: ['ws 8.0.0 - 8.17.0: high'] })
  expect(readAudit('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual({ advisories: [] })
  expect(readAudit('{"message":"405 Method Not Allowed","statusCode":405}')).toEqual({ unanswered: '405 Method Not Allowed' })
  expect(readFileSync(`${root}.ci/run`, 'utf8')).toMatch(/^npx node tools\/tidy\/audit\.ts \|\| status=1$/m)
})

test('[T11] `ws` is of a version that bounds fragments and chunks', () => {
  const [major = 0, minor = 0] = (locked.find(([path]) => path === 'node_modules/ws')?.[1].version ?? '').split('.').map(Number)
  expect(major * 1_000 + minor).toBeGreaterThanOrEqual(8_021)
})
