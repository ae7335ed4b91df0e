import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { buildPrograms, type GoModule } from './go.ts'
import { NotHere } from './not-here.ts'

const module: GoModule = {
  name: 'tinode',
  path: 'example.org/chat',
  version: 'v1.2.3',
  sum: 'h1:expected',
  tags: 'postgres',
  programs: ['server', 'tinode-db'],
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-peers-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A PATH on which there is a `go` that answers each download like this, or none. */
function setPath(answer: string | null): void {
  const folder = temporary()
  if (answer !== null) {
    const script = answer.startsWith('{') ? `#!/bin/sh\necho '${answer}'\n` : `#!/bin/sh\necho '${answer}' >&2\nexit 1\n`
    writeFileSync(join(folder, 'go'), script)
    chmodSync(join(folder, 'go'), 0o755)
  }
  vi.stubEnv('PATH', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
}

test('where there is no Go, what to install is told', () => {
  setPath(null)
  const install = () => buildPrograms(module, () => {}, temporary())
  expect(install).toThrow(NotHere)
  expect(install).toThrow(/tinode is built from source.*apt-get install golang-go.*go\.dev/)
})

test('where the module proxy does not have it, module and version are named, with its answer', () => {
  setPath('403 Forbidden: This module version is not available.')
  const install = () => buildPrograms(module, () => {}, temporary())
  expect(install).toThrow(NotHere)
  expect(install).toThrow(/example\.org\/chat v1\.2\.3.*GOPROXY.*This module version is not available/)
})

test('a module that is not what was measured is not built', () => {
  setPath(JSON.stringify({ Dir: temporary(), Sum: 'h1:another' }))
  expect(() => buildPrograms(module, () => {}, temporary())).toThrow(/h1:another and not h1:expected/)
})

test('what is in the cache is not built again', () => {
  setPath(null)
  const cache = temporary()
  const folder = join(cache, 'tinode/v1.2.3')
  mkdirSync(folder, { recursive: true })
  for (const program of module.programs) writeFileSync(join(folder, program), '')
  const told: string[] = []
  expect(buildPrograms(module, (text) => told.push(text), cache)).toBe(folder)
  expect(told).toEqual([])
})
