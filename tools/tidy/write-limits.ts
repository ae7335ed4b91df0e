/** Writes docs/limits.md from limits.ts and client-limits.ts, and their comments: `npm run docs:limits`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { atLimit } from '@godwit/protocol/at-limits.ts'
import { type CloseName, closeCodes } from '@godwit/protocol/close-codes.ts'
import { isErrorCode } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'

const root = new URL('../../', import.meta.url)
const head = `# Limits

Every bound of the system (law L9). A name ends in its unit: bytes, chars, ms, us, s; a plain \`Max\` is a count. This page is written from
\`packages/protocol/src/limits.ts\` (\`client-limits.ts\` is part of it) by \`npm run docs:limits\` and held to it by a test; the relations
between rows are asserted in \`limits.test.ts\`. What is met there (\`at-limits.ts\`) is an error of [errors.md](errors.md), a close of
[protocol.md](protocol.md#close-codes), or what happens instead; each error and close is met by a test (\`tools/tidy/limits.test.ts\`).

| limit | value | what it bounds | what is met there |
|---|---|---|---|
`

/** The doc comment above each row, or else the heading of its group. */
function comments(source: string): Map<string, string> {
  const found = new Map<string, string>()
  let group = ''
  let doc = ''
  for (const line of source.split('\n').map((text) => text.trim())) {
    const name = /^(\w+):/.exec(line)?.[1]
    if (line.startsWith('/*') || line.startsWith('*'))
      doc += ` ${line
        .replace(/^\/?\*+\/?/, '')
        .replace(/\*\/$/, '')
        .trim()}`
    else if (line.startsWith('// ')) group = line.slice(3)
    else if (name) {
      found.set(name, doc.trim() || group)
      doc = ''
    }
  }
  return found
}

const tables = ['client-limits', 'limits'].map((name) => readFileSync(new URL(`packages/protocol/src/${name}.ts`, root), 'utf8'))
const about = comments(tables.map((source) => source.split(/^export const \w*[lL]imits = /m)[1] ?? '').join(''))
/** A code or a close is told by its name or number, anything else as it stands. */
function met(name: keyof typeof limits): string {
  const what = atLimit[name]
  if (what.includes(' ')) return what
  if (isErrorCode(what)) return `\`${what}\``
  return `close ${Object.hasOwn(closeCodes, what) ? closeCodes[what as CloseName].code : what}`
}

const rows = Object.entries(limits).map(
  ([name, value]) =>
    `| \`${name}\` | ${value} | ${(about.get(name) ?? '').replaceAll('|', '\\|')} | ${met(name as keyof typeof limits)} |\n`,
)
writeFileSync(new URL('docs/limits.md', root), head + rows.join(''))
