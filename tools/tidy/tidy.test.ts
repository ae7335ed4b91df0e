import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { problemsOf } from './rules.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const rulesThemselves = /^tools\/tidy\//

function sourcePaths(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  return listed.split('\n').filter((path) => /\.tsx?$/.test(path) && !rulesThemselves.test(path) && existsSync(root + path))
}

test('tidy: the tree keeps its rules', () => {
  const problems = sourcePaths().flatMap((path) => problemsOf({ path, text: readFileSync(root + path, 'utf8') }))
  expect(problems.map(({ path, line, message }) => `${path}:${line} ${message}`)).toEqual([])
})

describe('tidy: a rule that no longer bites is noticed', () => {
  const refused: [path: string, text: string, because: RegExp][] = [
    ['packages/protocol/src/a.ts', "import { x } from '@godwit/server'", /nothing of ours/],
    ['packages/protocol/src/a.ts', "import { x } from 'node:crypto'", /browsers/],
    ['packages/client/src/a.ts', "import { x } from '@godwit/server'", /@godwit\/protocol/],
    ['apps/web/src/a.tsx', "import { x } from '@godwit/server'", /through the client/],
    ['packages/server/src/ports/a.ts', "import { x } from '../chat/b.ts'", /ports must not import chat/],
    ['packages/server/src/chat/a.ts', "import { x } from '../gateway/b.ts'", /chat must not import gateway/],
    ['packages/server/src/a.ts', "import { WebSocket } from 'ws'", /use a port/],
    ['packages/backend-local/src/a.ts', "import { x } from '@godwit/backend-memory'", /no other backend/],
    ['packages/history/src/a.ts', "import { x } from '@godwit/server/chat/access.ts'", /the judge/],
    ['packages/backend-local/src/a.ts', "import { x } from '../../server/src/a.ts'", /package name/],
    ['apps/server/src/main.ts', "import { x } from '@godwit/backend-local'", /wire-\*\.ts/],
    ['apps/server/src/main.ts', "await import('@godwit/backend-local')", /wire-\*\.ts/],
    ['packages/server/src/a.ts', 'const now = Date.now()', /Clock/],
    ['packages/client/src/a.ts', 'const roll = Math.random()', /Random/],
    ['packages/server/src/a.ts', 'setTimeout(run, 5)', /Clock port/],
    ['apps/server/src/main.ts', 'const port = process.env.PORT', /config\.ts/],
    ['packages/client/src/a.ts', 'export const enum Kind { A }', /union of string literals/],
    ['packages/client/src/a.ts', 'constructor(private readonly a: number) {}', /declare the field/],
    ['packages/client/src/a.ts', `// TO${'DO'}: later`, /open ends/],
    ['packages/client/src/a.ts', 'x\n'.repeat(401), /split this file/],
  ]
  test.each(refused)('%s refuses %j', (path, text, because) => {
    expect(problemsOf({ path, text }).map((p) => p.message)).toContainEqual(expect.stringMatching(because))
  })

  const accepted: [path: string, text: string][] = [
    ['apps/server/src/wire-local.ts', "import { x } from '@godwit/backend-local'"],
    ['packages/server/src/gateway/a.ts', "import { x } from '../chat/b.ts'"],
    ['packages/server/src/a.ts', 'clock.setTimeout(run, 5)'],
    ['packages/server/src/a.test.ts', 'const now = Date.now()'],
    ['packages/client/src/clock-browser.ts', 'const now = Date.now()'],
    ['packages/client/src/a.ts', '// unlike Date.now(), this never runs backwards'],
    ['packages/client/src/a.ts', 'x\n'.repeat(400)],
  ]
  test.each(accepted)('%s accepts %j', (path, text) => {
    expect(problemsOf({ path, text })).toEqual([])
  })
})
