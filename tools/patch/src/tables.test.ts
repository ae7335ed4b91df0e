import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { type Patch, patchedSources, select } from './patch.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const tables = globSync('tools/*/src/**/*.ts', { cwd: root }).filter((path) =>
  /^export const patches\b/m.test(readFileSync(join(root, path), 'utf8')),
)

/** The class of a copy is another class than that of the original. */
const isOfACopy = (error: string) => error.includes("Argument of type 'this' is not assignable to parameter of type")

/**
 * Writes each patched file under a name of its own into `folder`, which lies over the repository (`rootDirs`), so that one run of the
 * compiler sees them all. Answers their paths.
 */
async function lay(folder: string): Promise<readonly string[]> {
  const files: string[] = []
  for (const table of tables) {
    const { patches } = (await import(pathToFileURL(join(root, table)).href)) as { readonly patches: readonly Patch[] }
    for (const patch of patches) {
      const [source, ...others] = patchedSources(select(patches, [patch.name])).values()
      expect(others, patch.name).toEqual([])
      const file = patch.file.replace(/\.tsx?$/, (ending) => `.${basename(table, '.ts')}.${patch.name}${ending}`)
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), source as string)
      files.push(file)
    }
  }
  return files
}

test('every patch of every table fits the sources as they stand, and leaves TypeScript: a mutant dies of no name that is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'patched-'))
  try {
    const files = await lay(folder)
    expect(new Set(files).size).toBeGreaterThan(0)
    for (const name of ['package.json', 'node_modules']) symlinkSync(join(root, name), join(folder, name))
    const compilerOptions = { rootDirs: [folder, root] }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(root, 'tsconfig.test.json'), compilerOptions, files, include: [] }),
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--listFiles'], { encoding: 'utf8' })
    // It has read them.
    for (const file of files) expect(stdout).toContain(`${join(folder, file)}\n`)
    expect(stdout.split('\n').filter((line) => line.includes('error TS') && !isOfACopy(line))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)
