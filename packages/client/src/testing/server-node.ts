/** A real server process on a port of its own, for tests that kill things. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../../apps/server/src/main.ts', import.meta.url))

export class RealServer {
  /** Gone with the server. */
  readonly folder = mkdtempSync(join(tmpdir(), 'godwit-client-'))
  #port = 0
  #child: ChildProcess | null = null

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    // The same port is needed again after a kill.
    this.#port ||= await freePort()
    const env = { GODWIT_PORT: String(this.#port), GODWIT_DATA: join(this.folder, 'data'), GODWIT_HOST: '127.0.0.1' }
    this.#child = spawn(process.execPath, [main, 'serve'], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] })
    while (!(await this.#answers())) await new Promise((resolve) => setTimeout(resolve, 50))
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (!child || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'close')
  }

  async end(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #answers(): Promise<boolean> {
    if (this.#child?.exitCode !== null) throw new Error('the server ended')
    return fetch(`${this.url}/v1/me`).then(
      ({ status }) => status === 401,
      () => false,
    )
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
