/**
 * `PATCHES=table.ts PATCH=name[,name] NODE_OPTIONS='--import ./tools/patch/src/register.ts' node program.ts` runs the program with
 * these patches in its sources, those of its worker threads included. Without PATCH it does nothing.
 */
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Patch, patchedSources, select } from './patch.ts'

const names = (process.env.PATCH ?? '').split(',').filter(Boolean)
if (names.length > 0) {
  if (!process.env.PATCHES) throw new Error('PATCH names patches, so PATCHES must name the table they stand in')
  const table = (await import(pathToFileURL(resolve(process.env.PATCHES)).href)) as { readonly patches: readonly Patch[] }
  const sources = patchedSources(select(table.patches, names))
  registerHooks({
    load(url, context, nextLoad) {
      const source = sources.get(url)
      return source === undefined ? nextLoad(url, context) : { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}
