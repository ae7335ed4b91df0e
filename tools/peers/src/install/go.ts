/**
 * Programs of a Go module, built into the cache. Sources stay in Go's own module cache, where the module's `go.sum` vouches for all that
 * it needs, and the sum that is given here for the module itself; so no checksum database is asked.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { runCommand } from './command.ts'
import { NotHere } from './not-here.ts'

export interface GoModule {
  /** What it is called in the cache and in messages. */
  readonly name: string
  readonly path: string
  readonly version: string
  /** As `go.sum` has it. */
  readonly sum: string
  readonly tags: string
  /** Folders of its main packages; a program is called like its folder. */
  readonly programs: readonly string[]
}

const buildDeadlineMs = 30 * 60_000

/** Where the programs are. Throws `NotHere` when there is no Go, or it cannot bring or build them. */
export function buildPrograms(module: GoModule, progress: (text: string) => void, cache = cacheFolder): string {
  const { name, path, version, tags, programs } = module
  const folder = join(cache, name, version)
  const missing = programs.filter((program) => !existsSync(join(folder, program)))
  if (missing.length === 0) return folder
  try {
    progress(`fetching ${path} ${version} and building it with Go: some minutes`)
    const sources = fetchSources(module)
    for (const program of missing)
      runCommand(['go', 'build', '-mod=readonly', '-trimpath', '-tags', tags, '-o', join(folder, program), `./${program}`], {
        cwd: sources,
        env: { CGO_ENABLED: '0' },
        deadlineMs: buildDeadlineMs,
      })
  } catch (error) {
    throw new NotHere(whyNot(module, error as NodeJS.ErrnoException))
  }
  return folder
}

function fetchSources({ path, version, sum }: GoModule): string {
  const answer = runCommand(['go', 'mod', 'download', '-json', `${path}@${version}`], { env: { GOSUMDB: 'off' } })
  const { Dir, Sum } = JSON.parse(answer) as { readonly Dir: string; readonly Sum: string }
  if (Sum !== sum) throw new Error(`the module that came has the sum ${Sum} and not ${sum}`)
  return Dir
}

function whyNot({ name, path, version }: GoModule, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT')
    return `${name} is built from source, and there is no \`go\`. Install Go 1.19 or newer (Debian or Ubuntu: \`apt-get install golang-go\`; elsewhere: https://go.dev/dl), then try again.`
  return `${path} ${version} cannot be built here: it takes Go 1.19 or newer and a module proxy that has it (\`go env GOPROXY\`). (${message.split('\n')[0]})`
}
