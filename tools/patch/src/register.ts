/**
 * `PATCHES=table.ts PATCH=name[,name] NODE_OPTIONS='--import ./tools/patch/src/register.ts' node program.ts` runs the program with
 * these patches in its sources, those of its worker threads included. Without PATCH it does nothing.
 */
import { registerHooks } from 'node:module'
import { sourcesOfEnvironment } from './environment.ts'

const sources = await sourcesOfEnvironment()
if (sources.size > 0)
  registerHooks({
    load(url, context, nextLoad) {
      const source = sources.get(url)
      return source === undefined ? nextLoad(url, context) : { format: 'module-typescript', source, shortCircuit: true }
    },
  })
