/** Source patches: how failpoints and mutants get into a run without a line of them standing in the product. */
import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** One replacement in the text of one source file. A table of them is a module that exports `patches: readonly Patch[]`. */
export interface Patch {
  readonly name: string
  /** From the repository's root. */
  readonly file: string
  /** Must stand in the file exactly once. */
  readonly find: string
  /** `find` again, if it shall stay. */
  readonly replace: string
}

const root = new URL('../../../', import.meta.url)

/** Throws when `find` is not in the text, or more than once: a patch that has rotted must be noticed, not skipped. */
export function applyPatch(text: string, { name, file, find, replace }: Patch): string {
  const found = text.split(find).length - 1
  if (found !== 1)
    throw new Error(`patch ${name}: its text is ${found === 0 ? 'not' : `${found} times`} in ${file}: ${JSON.stringify(find)}`)
  return text.replace(find, () => replace)
}

/** The patched text of each file concerned, by its URL. Several patches of a file apply one after another. */
export function patchedSources(patches: readonly Patch[]): ReadonlyMap<string, string> {
  const sources = new Map<string, string>()
  for (const patch of patches) {
    const url = urlOf(patch.file)
    sources.set(url, applyPatch(sources.get(url) ?? readFileSync(fileURLToPath(url), 'utf8'), patch))
  }
  return sources
}

/** Those named, in the order of their names. Throws for a name that the table does not have, or has twice. */
export function select(patches: readonly Patch[], names: readonly string[]): readonly Patch[] {
  return names.map((name) => {
    const [patch, ...others] = patches.filter((one) => one.name === name)
    if (!patch || others.length > 0) throw new Error(`patch ${name}: ${patch ? 'the table has several' : 'not in the table'}`)
    return patch
  })
}

const urlOf = (file: string) => pathToFileURL(fileURLToPath(new URL(file, root))).href
