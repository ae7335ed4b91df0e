/** An error as a frame or an HTTP answer tells it. */
import { type ErrorCode, GodwitError, isErrorCode } from '@godwit/protocol/errors.ts'

export interface ToldError {
  readonly code: string
  readonly message: string
  readonly detail?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/** `unknown` stands for a code that only a newer server knows. */
export function receivedError({ code, message, detail, retryAfterMs }: ToldError, unknown: ErrorCode): GodwitError {
  return isErrorCode(code) ? new GodwitError(code, detail, retryAfterMs, message) : new GodwitError(unknown, code, retryAfterMs, message)
}
