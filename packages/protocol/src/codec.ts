/**
 * Text to frame and back. Decoding is total: whatever comes in, a frame or a typed error comes out.
 */
import type { z } from 'zod'
import { GodwitError } from './errors.ts'
import { hotFrame } from './hot-frames.ts'
import { limits } from './limits.ts'
import { type UpFrame, upFrame } from './up.ts'

const frameTypes: ReadonlySet<string> = new Set(upFrame.options.map((option) => option.shape.type.value))

/** Throws `BAD_JSON`, `UNKNOWN_FRAME`, `TOO_LARGE` or `BAD_REQUEST`. */
export function decodeUp(text: string): UpFrame {
  const value = parseJson(text)
  const hot = hotFrame(value)
  if (hot !== null) return hot
  const type = isRecord(value) ? value.type : undefined
  if (typeof type !== 'string') throw new GodwitError('BAD_REQUEST', 'a frame is an object with a string `type`')
  if (!frameTypes.has(type)) throw new GodwitError('UNKNOWN_FRAME', type.slice(0, 40))
  return parse(upFrame, value)
}

/** Checks a value against a schema. Throws naming the first field at fault: `TOO_LARGE` for a text or list over its limit, else `BAD_REQUEST`. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = safeParse(schema, value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = issue?.path.join('.') || 'frame'
  throw new GodwitError(
    issue && isOverLimit(issue) ? 'TOO_LARGE' : 'BAD_REQUEST',
    `${path}: ${issue?.message ?? 'not valid'}`.slice(0, 200),
  )
}

/** Zod compares the `length` also of what is neither text nor list, and throws where it has no value: `{"length":{"toString":1}}`. */
function safeParse<S extends z.ZodType>(schema: S, value: unknown): z.ZodSafeParseResult<z.output<S>> {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (hasOddLength(value)) throw new GodwitError('BAD_REQUEST', 'an object where a text or a list belongs')
    throw error
  }
}

function hasOddLength(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ('length' in value && typeof value.length === 'object') || Object.values(value).some(hasOddLength)
}

function isOverLimit(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'custom') return issue.params?.isOverLimit === true
  return issue.code === 'too_big' && (issue.origin === 'string' || issue.origin === 'array')
}

/** JSON of bounded depth. Throws `BAD_JSON` or `TOO_LARGE`. */
export function parseJson(text: string): unknown {
  if (mayNestTooDeep(text) && depthOf(text) > limits.jsonDepthMax)
    throw new GodwitError('TOO_LARGE', `nested deeper than ${limits.jsonDepthMax}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new GodwitError('BAD_JSON')
  }
  return value
}

/** More brackets than the limit, wherever they stand. Most frames have one or two, and to search for them costs less than `depthOf`. */
function mayNestTooDeep(text: string): boolean {
  let brackets = 0
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (++brackets > limits.jsonDepthMax) return true
  return false
}

/** Deepest nesting, by brackets outside of strings. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === 0x5c) i++
      else if (c === 0x22) inString = false
    } else if (c === 0x22) inString = true
    else if (c === 0x7b || c === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (c === 0x7d || c === 0x5d) depth--
  }
  return deepest
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
