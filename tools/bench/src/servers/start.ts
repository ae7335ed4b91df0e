/** The servers that are compared, each alone on its core. */
import { fileURLToPath } from 'node:url'
import { patched } from '@godwit/patch/patched.ts'
import { type Child, startChild } from './child.ts'
import type { Cores } from './cores.ts'

const godwit = fileURLToPath(new URL('../../../../apps/server/bin/godwit.js', import.meta.url))
const relay = fileURLToPath(new URL('../floor/relay.ts', import.meta.url))
const durableRelay = fileURLToPath(new URL('../floor/durable-relay.ts', import.meta.url))
const patchTable = new URL('../patches.ts', import.meta.url)

export interface GodwitOptions {
  readonly folder: string
  /** Names from `patches.ts`. */
  readonly patches?: readonly string[]
  /** Where each thread writes a CPU profile when the server ends. */
  readonly profileFolder?: string | undefined
  /** For Node. */
  readonly nodeFlags?: readonly string[]
}

/** The real server as `godwit serve` starts it, with its defaults, on any free port. */
export function startGodwit(cores: Cores, { folder, patches = [], profileFolder, nodeFlags = [] }: GodwitOptions): Promise<Child> {
  return startChild({
    command: [...cores.pinned, process.execPath, ...nodeFlags, godwit, 'serve'],
    env: {
      ...withoutSettings(),
      ...nodeOptions(patches, profileFolder),
      GODWIT_DATA: folder,
      GODWIT_PORT: '0',
      GODWIT_LOG_FORMAT: 'json',
    },
    ...(profileFolder !== undefined && { endSignal: 'SIGTERM' }),
    portIn(line) {
      const url = /"listening"/.test(line) ? (JSON.parse(line) as { readonly url: string }).url : null
      return url === null ? null : Number(new URL(url).port)
    },
  })
}

export function startFloor(cores: Cores): Promise<Child> {
  return startRelay(cores, relay, {})
}

/** In Godwit's place, over a folder that was seeded for it. */
export function startDurableRelay(cores: Cores, folder: string): Promise<Child> {
  return startRelay(cores, durableRelay, { GODWIT_DATA: folder })
}

function startRelay(cores: Cores, file: string, env: NodeJS.ProcessEnv): Promise<Child> {
  return startChild({
    command: [...cores.pinned, process.execPath, file],
    env: { ...withoutSettings(), ...env },
    portIn: (line) => Number(/^listening on (\d+)$/.exec(line)?.[1] ?? Number.NaN) || null,
  })
}

/** In the environment, because that reaches the threads of the store as well. */
function nodeOptions(patches: readonly string[], profileFolder: string | undefined): NodeJS.ProcessEnv {
  const env = patches.length > 0 ? patched(patchTable, patches) : { NODE_OPTIONS: process.env.NODE_OPTIONS ?? '' }
  if (profileFolder === undefined) return env
  return { ...env, NODE_OPTIONS: `${env.NODE_OPTIONS} --cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${profileFolder}` }
}

function withoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GODWIT_')))
}
