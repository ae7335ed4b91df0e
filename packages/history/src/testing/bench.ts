/** Writes an honest run of so many operations, and lets `godwit check` judge it: `npm run bench -w @godwit/history -- 1000000`. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDumpFile } from '../files.ts'
import { generateDump, generateHistory } from './generate.ts'
import type { Size } from './talk.ts'

const help = `npm run bench -w @godwit/history -- [OPERATIONS]

Writes an honest run of so many operations (1000000), and times \`godwit check\` over it.
`

const operations = operationsOrExit()
const size: Size = { operations, users: 200, conversations: 400 }
const folder = mkdtempSync(join(tmpdir(), 'godwit-history-'))
try {
  const [history, dump] = [join(folder, 'history.jsonl'), join(folder, 'dump.jsonl')]
  writeDumpFile(dump, generateDump(size))
  const lines = writeHistory(history)
  const megabytes = [history, dump].map((path) => `${(statSync(path).size / 1e6).toFixed(0)} MB`)
  console.log(`${operations} operations: ${lines} lines, ${megabytes.join(' and ')} of dump`)

  const godwit = fileURLToPath(new URL('../../../../apps/server/bin/godwit.js', import.meta.url))
  const begun = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [godwit, 'check', history], { encoding: 'utf8' })
  console.log(`${stdout}${stderr}`)
  console.log(`exit code ${status}, ${((performance.now() - begun) / 1_000).toFixed(1)} s`)
} finally {
  rmSync(folder, { recursive: true })
}

function operationsOrExit(): number {
  const [given = '1000000'] = process.argv.slice(2)
  const value = Number(given)
  if (Number.isSafeInteger(value) && value > 0) return value
  const isHelp = given === '--help' || given === '-h'
  if (isHelp) console.log(help)
  else console.error(`OPERATIONS must be a whole number from 1 on, not ${given}\n\n${help}`)
  return process.exit(isHelp ? 0 : 2)
}

function writeHistory(path: string): number {
  const file = openSync(path, 'w')
  let lines = 0
  let waiting: string[] = []
  for (const line of generateHistory(size)) {
    lines++
    waiting.push(`${JSON.stringify(line)}\n`)
    if (waiting.length < 1_000) continue
    writeSync(file, waiting.join(''))
    waiting = []
  }
  writeSync(file, waiting.join(''))
  closeSync(file)
  return lines
}
