import { GodwitError } from '@godwit/protocol/errors.ts'

/** For what may have become forbidden between the moment it was noted and the moment it is done. */
export function nullIfRefused(error: unknown): null {
  if (error instanceof GodwitError) return null
  throw error
}
