import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDumpFile } from '@godwit/history/files.ts'
import type { HistoryLine } from '@godwit/history/history.ts'
import { dumpOf, historyOf, said } from '@godwit/history/testing/honest-run.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-check-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function check(name: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'check', join(folder, name), ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

function write(name: string, history: readonly HistoryLine[]): void {
  writeFileSync(join(folder, name), history.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

describe('godwit check', () => {
  const dump = dumpOf(said)
  beforeAll(() => {
    write('history.jsonl', historyOf(dump))
    writeDumpFile(join(folder, 'dump.jsonl'), dump)
  })

  test('exits 0 on a clean history, and says what was looked at', () => {
    const { status, stdout } = check('history.jsonl')
    expect(stdout).toMatch(/^ok {3}C1 .*\n0 violations\n$/s)
    expect(stdout).toContain('operations 12')
    expect(status).toBe(0)
  })

  test('exits 1 on a bad one, names the check and shows the lines at fault, of the history and of the dump', () => {
    const history = historyOf(dump)
    const number = history.findIndex((line) => line.op === 'send' && line.type === 'ok') + 1
    write(
      'monday.history.jsonl',
      history.map((line, i) => (i === number - 1 ? { ...line, seq: 77 } : line) as HistoryLine),
    )
    writeDumpFile(join(folder, 'monday.dump.jsonl'), dump)
    const { status, stdout } = check('monday.history.jsonl')
    expect(stdout).toContain('BAD  C4   every ack of a command names the seq and message id of the log: 1 violations')
    expect(stdout).toMatch(new RegExp(`monday\\.history\\.jsonl:${number} +\\{.*"seq":77`))
    expect(stdout).toMatch(/monday\.dump\.jsonl:2 +\{.*صباح الخير/)
    expect(status).toBe(1)
  })

  test('takes bounds from the command line', () => {
    expect(check('history.jsonl', '--operations-min', '500')).toEqual(
      expect.objectContaining({ status: 1, stdout: expect.stringMatching(/12 operations; at least 500/) }),
    )
    expect(check('history.jsonl', '--recovery-ms-max', 'soon')).toEqual(
      expect.objectContaining({ status: 2, stderr: expect.stringMatching(/must be a number from 0/) }),
    )
  })

  test('exits 2 on a file that cannot be read, and says which line and what to do', () => {
    writeFileSync(join(folder, 'torn.jsonl'), '{"t":1,"proc":"d_noor","op":"reset","type":"info"}\n{"t":2,"pro')
    expect(check('torn.jsonl')).toEqual(
      expect.objectContaining({ status: 2, stderr: expect.stringMatching(/torn\.jsonl, line 2 is no JSON.*Cut the file after line 1/) }),
    )
    expect(check('nowhere.jsonl')).toEqual(
      expect.objectContaining({ status: 2, stderr: expect.stringMatching(/cannot read .*nowhere\.jsonl \(ENOENT\)/) }),
    )
    expect(check('history.jsonl', '--dump', join(folder, 'no.jsonl'))).toEqual(
      expect.objectContaining({ status: 2, stderr: expect.stringMatching(/no\.jsonl \(ENOENT\)/) }),
    )
  })
})
