/**
 * Debian packages, with all that they need, unpacked into the cache and nowhere else: nothing of the system changes, no service starts,
 * and no root is needed. What the system has already is not fetched; so a program may be in the cache or in the system.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { runCommand } from './command.ts'
import { NotHere } from './not-here.ts'

/** Where to look for what the packages brought, in this order. Throws `NotHere` when apt cannot bring them. */
export function unpackPackages(packages: readonly string[], progress: (text: string) => void, cache = cacheFolder): readonly string[] {
  const folder = join(cache, packages[0] as string)
  const [archives, root, done] = [join(folder, 'archives'), join(folder, 'root'), join(folder, packages.join('+'))]
  if (!existsSync(done)) {
    progress(`fetching ${packages.join(', ')} with apt-get into the cache`)
    mkdirSync(join(archives, 'partial'), { recursive: true })
    mkdirSync(root, { recursive: true })
    fetchArchives(packages, archives)
    for (const name of readdirSync(archives)) if (name.endsWith('.deb')) runCommand(['dpkg', '-x', join(archives, name), root])
    writeFileSync(done, '')
  }
  return [root, '/']
}

function fetchArchives(packages: readonly string[], archives: string): void {
  const settings = [`Dir::Cache::archives=${archives}`, 'Debug::NoLocking=1', 'APT::Install-Recommends=0']
  const options = settings.flatMap((setting) => ['-o', setting])
  try {
    runCommand(['apt-get', '-qq', '-y', '--download-only', ...options, 'install', ...packages])
  } catch (error) {
    throw new NotHere(
      `apt-get cannot bring ${packages.join(', ')}. On Debian or Ubuntu: run \`apt-get update\` as root, then try again; elsewhere it is skipped. (${(error as Error).message.split('\n')[0]})`,
    )
  }
}

/** The first that exists of these paths, a `*` in one standing for any one folder name, highest first. Throws `NotHere`. */
export function locate(roots: readonly string[], paths: readonly string[]): string {
  for (const path of paths)
    for (const root of roots) {
      const found = expand(root, path.split('/'))
      if (found !== null) return found
    }
  throw new NotHere(`the packages did not bring ${paths.join(' or ')}`)
}

function expand(folder: string, [name, ...rest]: readonly string[]): string | null {
  if (name === undefined) return existsSync(folder) ? folder : null
  if (!name.includes('*')) return expand(join(folder, name), rest)
  if (!existsSync(folder)) return null
  const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`)
  const names = readdirSync(folder)
    .filter((one) => pattern.test(one))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  for (const one of names) {
    const found = expand(join(folder, one), rest)
    if (found !== null) return found
  }
  return null
}
