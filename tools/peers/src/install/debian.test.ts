import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { locate, unpackPackages } from './debian.ts'
import { NotHere } from './not-here.ts'

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-peers-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('where there is no apt-get, packages are told by name, with what would bring them', () => {
  vi.stubEnv('PATH', temporary())
  onTestFinished(() => void vi.unstubAllEnvs())
  const install = () => unpackPackages(['ejabberd', 'postgresql'], () => {}, temporary())
  expect(install).toThrow(NotHere)
  expect(install).toThrow(/ejabberd, postgresql.*apt-get update.*ENOENT/)
})

test('what is in the cache is not fetched again', () => {
  const folder = temporary()
  mkdirSync(join(folder, 'ejabberd'), { recursive: true })
  writeFileSync(join(folder, 'ejabberd/ejabberd+postgresql'), '')
  const told: string[] = []
  expect(unpackPackages(['ejabberd', 'postgresql'], (text) => told.push(text), folder)).toEqual([join(folder, 'ejabberd/root'), '/'])
  expect(told).toEqual([])
})

test('a program is found in the cache before the system, in its highest version', () => {
  const [cache, system] = [temporary(), temporary()]
  for (const path of ['usr/lib/postgresql/9/bin', 'usr/lib/postgresql/15/bin', 'usr/lib/postgresql/16/lib']) {
    mkdirSync(join(system, path), { recursive: true })
    writeFileSync(join(system, path, 'postgres'), '')
  }
  const paths = ['usr/lib/postgresql/*/bin/postgres']
  expect(locate([cache, system], paths)).toBe(join(system, 'usr/lib/postgresql/15/bin/postgres'))
  mkdirSync(join(cache, 'usr/lib/postgresql/14/bin'), { recursive: true })
  writeFileSync(join(cache, 'usr/lib/postgresql/14/bin/postgres'), '')
  expect(locate([cache, system], paths)).toBe(join(cache, 'usr/lib/postgresql/14/bin/postgres'))
  expect(() => locate([cache, system], ['usr/lib/erlang/erts-*/bin/erlexec'])).toThrow(NotHere)
})
