/**
 * `npx node tools/tidy/audit.ts` asks the registry what is known against the packages that are shipped (T26). Exit code 1 when there
 * is something; 0 when there is nothing, or when this registry answers no such questions, which is said then.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface AuditReport {
  /** By package. */
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>
  /** In place of a report. */
  readonly message?: string
}

/** What stands in the answer of `npm audit --json`: a line for each package with an advisory, or why there is no answer. */
export function readAudit(json: string): { readonly advisories: readonly string[] } | { readonly unanswered: string } {
  const { vulnerabilities, message = 'no answer' } = JSON.parse(json) as AuditReport
  if (!vulnerabilities) return { unanswered: message }
  return { advisories: Object.entries(vulnerabilities).map(([name, { severity, range }]) => `${name} ${range}: ${severity}`) }
}

if (import.meta.main) {
  const cwd = fileURLToPath(new URL('../../', import.meta.url))
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd, encoding: 'utf8' })
  const audit = readAudit(stdout || '{}')
  if ('unanswered' in audit) console.log(`audit: this registry answers none (${audit.unanswered})`)
  else for (const line of audit.advisories) console.log(`audit: ${line}`)
  process.exitCode = 'advisories' in audit && audit.advisories.length > 0 ? 1 : 0
}
