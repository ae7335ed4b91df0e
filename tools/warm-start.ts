// After an install: starts the server once and stops it, so that the first start that somebody waits for finds its code compiled
// (bin/godwit.js says where it is kept). What goes wrong here is told by that start, and fails no install.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'godwit-warm-'))
const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GODWIT_'))
// As on a terminal: that loads the most.
const settings = { GODWIT_DATA: folder, GODWIT_PORT: '0', GODWIT_LOG_FORMAT: 'pretty' }
const server = spawn(process.execPath, ['apps/server/bin/godwit.js', 'serve'], {
  env: { ...Object.fromEntries(inherited), ...settings },
  stdio: ['ignore', 'pipe', 'ignore'],
  timeout: 30_000,
})
server.stdout.on('data', (output) => String(output).includes('http://') && server.kill('SIGTERM'))
server.on('close', () => rmSync(folder, { recursive: true, force: true }))
