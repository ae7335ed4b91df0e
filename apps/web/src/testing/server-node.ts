/** A real server for browser tests: its own port and folder, killed and started again at will. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url))

export class TestServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'godwit-web-'))
  #process: ChildProcess | null = null
  /** 0 until the first start chose one; the same one ever after. */
  #port = 0

  get url(): string {
    return `http://localhost:${this.#port}`
  }

  async start(): Promise<void> {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GODWIT_')))
    const server = spawn(process.execPath, [main, 'serve'], {
      env: { ...clean, GODWIT_PORT: String(this.#port), GODWIT_DATA: this.#folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = server
    for await (const line of createInterface({ input: server.stdout })) {
      const { msg, url } = JSON.parse(line) as { msg: string; url?: string }
      if (msg !== 'listening' || url === undefined) continue
      this.#port = Number(new URL(url).port)
      server.stdout.resume()
      return
    }
    throw new Error('the server ended before it listened')
  }

  /** kill -9 */
  async kill(): Promise<void> {
    const server = this.#process
    this.#process = null
    if (server === null || server.exitCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
