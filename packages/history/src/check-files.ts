/** Judges the files of a run, each side in a thread of its own: the one here, the other beside it. */
import { Worker } from 'node:worker_threads'
import type { Bounds } from './bounds.ts'
import { conclude } from './check.ts'
import { readDumpFile, readSide } from './files.ts'
import { UnreadableError } from './lines.ts'
import { type Findings, lookAt, type Side } from './sides.ts'
import type { Verdict } from './verdict.ts'

export interface Files {
  /** Paths of files of JSON lines. */
  readonly history: string
  readonly dump: string
  readonly options: Partial<Bounds>
}

export type Answer = { readonly findings: Findings } | { readonly unreadable: string }

/** As `check` does of what they say. Throws `UnreadableError`. */
export async function checkFiles(files: Files): Promise<Verdict> {
  const thread = new Worker(new URL('./side-thread.ts', import.meta.url), { workerData: files, execArgv: [] })
  const answered = Promise.withResolvers<Answer>()
  thread.once('message', answered.resolve)
  thread.once('error', answered.reject)
  // The thread begins at once, and goes on while this one is at work.
  const shown = answerOf('shown', files)
  return conclude([findingsOf(await answered.promise), findingsOf(shown)])
}

export function answerOf(side: Side, { history, dump, options }: Files): Answer {
  try {
    return { findings: lookAt([side], readSide(history, side), readDumpFile(dump, side === 'sent'), options) }
  } catch (error) {
    if (error instanceof UnreadableError) return { unreadable: error.message }
    throw error
  }
}

function findingsOf(answer: Answer): Findings {
  if ('findings' in answer) return answer.findings
  throw new UnreadableError(answer.unreadable)
}
