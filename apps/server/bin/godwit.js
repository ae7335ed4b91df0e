#!/usr/bin/env node
// Plain JavaScript that any Node can parse: the `godwit` command is TypeScript and needs the pinned Node 24,
// while `npx` starts this file with whatever Node the machine has.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import module, { createRequire } from 'node:module'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'

const main = new URL('../src/main.ts', import.meta.url)
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

// Compiled code, without its types, is kept for the next start: that takes half the work out of one. In the environment, so that
// worker threads find it too. Beside the installed packages, because code in a folder that others may write to is theirs.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../../node_modules/.cache/godwit/', import.meta.url))

// V8 learns which objects live long and allocates these as old. In a busy server it learns that of messages under way, which are dead
// soon after and not found so for long (decision 27). And it has other threads mark what is old: with one core for all they take it from
// the one that serves, up to 100 ms at a time (decision 25). Set before anything is compiled: what was compiled under other flags is not
// taken from the cache.
const cores = os.availableParallelism?.() ?? os.cpus().length
const flags = ['--no-allocation-site-pretenuring', ...(cores === 1 ? ['--no-concurrent-marking'] : [])]

if (major > 24 || (major === 24 && minor >= 19)) {
  for (const flag of flags) v8.setFlagsFromString(flag)
  module.enableCompileCache()
  await import(main.href)
} else startUnder(pinnedNode())

function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`)
    const binary = join(dirname(manifest), 'bin', 'node')
    accessSync(binary, constants.X_OK)
    return binary
  } catch {
    console.error(
      `godwit: needs Node 24.19 or newer, but this is ${process.version} and no pinned Node is installed for ` +
        `${process.platform}-${process.arch}. Run \`npm install\`, or install Node 24.`,
    )
    process.exit(1)
  }
}

function startUnder(binary) {
  const child = spawn(binary, [...process.execArgv, ...flags, fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  // The terminal sends Ctrl-C to the whole group, a supervisor only to this process: pass both on and outlive the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`godwit: could not start ${binary}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(signal ? 128 + os.constants.signals[signal] : (code ?? 1)))
}
