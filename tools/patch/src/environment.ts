import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Patch, patchedSources, select } from './patch.ts'

/** The patched text of each file, by its URL, that PATCHES and PATCH ask for; without PATCH none. */
export async function sourcesOfEnvironment(): Promise<ReadonlyMap<string, string>> {
  const names = (process.env.PATCH ?? '').split(',').filter(Boolean)
  if (names.length === 0) return new Map()
  if (!process.env.PATCHES) throw new Error('PATCH names patches, so PATCHES must name the table they stand in')
  const table = (await import(pathToFileURL(resolve(process.env.PATCHES)).href)) as { readonly patches: readonly Patch[] }
  return patchedSources(select(table.patches, names))
}
