/**
 * The server that is killed: its sources with every failpoint in them, none of them armed, made into one program. That starts with
 * half the work, and a run starts it thousands of times.
 */
import { cpSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { freePort, ServerProcess } from '@godwit/load/chaos/server-process.ts'
import { patchedSources } from '@godwit/patch/patch.ts'
import { type Plugin, rolldown } from 'rolldown'
import { patches } from './failpoints.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const store = join(root, 'packages/backend-local/src')

/** How it is started. */
export interface Build {
  /** The store's threads and migrations lie beside it, where the sources look for them. */
  readonly program: string
  /** Where compiled code is kept. */
  readonly env: Readonly<Record<string, string>>
}

export async function buildServer(folder: string): Promise<Build> {
  const threads = globSync('*-thread.ts', { cwd: store })
  const build = await rolldown({
    platform: 'node',
    input: {
      main: join(root, 'apps/server/src/main.ts'),
      ...Object.fromEntries(threads.map((file) => [basename(file, '.ts'), join(store, file)])),
    },
    plugins: [patching, namingThreads],
  })
  await build.write({ dir: folder, entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' })
  await build.close()
  cpSync(join(store, 'migrations'), join(folder, 'migrations'), { recursive: true })
  const made: Build = { program: join(folder, 'main.mjs'), env: { NODE_COMPILE_CACHE: join(folder, 'compiled') } }
  await compile(made, folder)
  return made
}

/** Compiled code is kept by a process that ends in good order, which those that are killed do not. */
async function compile(build: Build, folder: string): Promise<void> {
  const dataFolder = join(folder, 'data')
  const server = new ServerProcess({ port: await freePort(), dataFolder, logFile: join(folder, 'server.log'), env: {} })
  await server.start(build)
  await server.stop()
}

const sources = patchedSources(patches)

const patching: Plugin = {
  name: 'failpoints',
  load(id) {
    const code = sources.get(pathToFileURL(id).href)
    return code === undefined ? null : { code, moduleType: 'ts' }
  },
}

const namingThreads: Plugin = {
  name: 'names of threads',
  transform: (code) => code.replaceAll(/(?<=new URL\('\.\/[\w-]+-thread)\.ts(?=')/g, '.mjs'),
}
