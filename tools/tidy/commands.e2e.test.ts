import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { readonly scripts: Readonly<Record<string, string>> }
/** Those that take options of ours: name and file. */
const commands = Object.entries(scripts).flatMap(([name, line]) => {
  const file = /^node (tools\/\w+\/src\/[\w-]+\.ts)$/.exec(line)?.[1]
  return file === undefined ? [] : [[`${name} --`, file] as const]
})

test.each([...commands, ['bench -w @godwit/history --', 'packages/history/src/testing/bench.ts'] as const])(
  'npm run %s --help teaches; an option that is not there is named in a line, with the help and exit code 2',
  (name, file) => {
    const run = (option: string) => spawnSync(process.execPath, [root + file, option], { encoding: 'utf8', timeout: 25_000 })
    const help = run('--help')
    expect(help).toMatchObject({ status: 0, stderr: '' })
    expect(help.stdout.startsWith(`npm run ${name} `), help.stdout).toBe(true)
    const wrong = run('--no-such-option')
    expect(wrong).toMatchObject({ status: 2, stdout: '' })
    const [line = ''] = wrong.stderr.split('\n')
    expect(line).toContain('--no-such-option')
    expect(wrong.stderr).toBe(`${line}\n\n${help.stdout}`)
  },
)
