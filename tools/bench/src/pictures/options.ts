/** The arguments of `npm run bench:draw`. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { BenchJson } from './pictures.ts'

export interface Options {
  readonly run: BenchJson
  /** Path of the folder that the pictures go to. */
  readonly folder: string
}

export const help = `npm run bench:draw -- FILE FOLDER

  FILE     what \`npm run bench -- --json FILE\` has written
  FOLDER   where its pictures go; made if it is not there
`

/** Throws on an option, another number of arguments, or a FILE that cannot be read or is something else. */
export function readOptions(args: readonly string[]): Options {
  const { positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
  })
  const [file, folder, ...more] = positionals
  if (file === undefined || folder === undefined || more.length > 0) throw new Error('FILE and FOLDER are needed, and nothing else')
  return { run: runOf(file), folder }
}

function runOf(file: string): BenchJson {
  const run = readRun(file)
  if (run?.server === 'durable relay')
    throw new Error(`${file} is a run with the durable relay in the place of Godwit: there are no pictures of that`)
  if (Array.isArray(run?.scenarios)) return run
  throw new Error(`FILE must be what \`npm run bench -- --json FILE\` has written; ${file} is not there or something else`)
}

/** null: not there, or not JSON. */
function readRun(file: string): BenchJson | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
