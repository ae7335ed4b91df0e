/** Judges what came back: every answer has the shape that the protocol promises, and every refusal is one of the table. */
import { errorBody } from '@godwit/protocol/api.ts'
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { type DownFrame, downFrame } from '@godwit/protocol/down.ts'
import { errorTable } from '@godwit/protocol/error-table.ts'
import { isErrorCode } from '@godwit/protocol/errors.ts'
import type { HttpAnswer } from './http-connection.ts'
import { routes } from './make.ts'

export interface Outcome {
  /** Frame type, operation of the API, or what else it was. */
  readonly label: string
  /** It was done, and nothing of it refused. */
  readonly accepted: boolean
  /** Errors and closes that were met. */
  readonly codes: readonly string[]
  readonly defect: string | null
}

/** RFC 6455 section 7.4.1, as far as `ws` answers them to what is no WebSocket frame of a client. */
const standardCloses = [1000, 1002, 1003, 1005, 1007, 1008, 1009]
const documentedCloses: ReadonlySet<number> = new Set([...Object.values(closeCodes).map(({ code }) => code), ...standardCloses])

export const errorsIn = (frames: readonly DownFrame[]): string[] => frames.flatMap((frame) => (frame.type === 'error' ? [frame.code] : []))

/** What is wrong with frames from the server; null when nothing is. */
export function defectOfFrames(frames: readonly DownFrame[], closeCode: number | null): string | null {
  for (const frame of frames) {
    const wrong = downFrame.safeParse(frame).error
    if (wrong) return `a frame that is none of the protocol: ${wrong.message}`
    if (frame.type !== 'error') continue
    if (!isErrorCode(frame.code)) return `an error that is not in the table: ${frame.code}`
    if (frame.code === 'INTERNAL') return 'INTERNAL'
  }
  if (closeCode !== null && !documentedCloses.has(closeCode)) return `a close that is not documented: ${closeCode}`
  return closeCode === closeCodes.INTERNAL.code ? 'closed with INTERNAL' : null
}

const patterns = routes.map((route) => ({ route, pattern: new RegExp(`^${route.path.replace(/:\w+/g, '[^/?]+')}(\\?|$)`) }))
const routeOf = (method: string, path: string) =>
  patterns.find(({ route, pattern }) => route.method === method && pattern.test(path))?.route ?? null

export function judgeAnswer(method: string, path: string, answer: HttpAnswer | null): Outcome {
  const route = routeOf(method, path)
  const label = route ? `route ${route.operation}` : 'no route'
  if (!answer) return { label, accepted: false, codes: [], defect: 'hung up on without an answer' }
  const { code, defect } = refusalIn(answer, method === 'HEAD')
  if (code !== null || defect !== null || !route) return { label, accepted: false, codes: code === null ? [] : [code], defect }
  const wrong = route.answer.safeParse(JSON.parse(answer.body)).error
  return { label, accepted: !wrong, codes: [], defect: wrong ? `an answer that is not the route's: ${wrong.message}` : null }
}

/** Null for an answer that refuses nothing. */
export function refusalIn({ status, body }: HttpAnswer, isHead = false): { readonly code: string | null; readonly defect: string | null } {
  if (status < 400) return { code: null, defect: status < 200 && status !== 101 ? `status ${status}` : null }
  if (isHead) return { code: `HTTP ${status}`, defect: status < 500 || status === 503 ? null : `status ${status}` }
  let said: unknown
  try {
    said = JSON.parse(body)
  } catch {
    return { code: null, defect: `a refusal (${status}) that is not JSON: ${body.slice(0, 100)}` }
  }
  const read = errorBody.safeParse(said)
  if (!read.success) return { code: null, defect: `a refusal (${status}) of another shape: ${body.slice(0, 100)}` }
  const { code } = read.data
  if (code === 'INTERNAL') return { code, defect: 'INTERNAL' }
  // What Node cannot read as a request has a status of its own.
  const isRight = errorTable[code].http === status || status === 408 || status === 431
  return { code, defect: isRight ? null : `${code} with status ${status}` }
}
