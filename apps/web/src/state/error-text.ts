import { GodwitError } from '@godwit/protocol/errors.ts'
import { isTextKey, t } from '../i18n.ts'

/** An error in words that say what to do next. */
export function errorText(error: unknown): string {
  if (error instanceof GodwitError) {
    const key = `error.${error.code}`
    const seconds = Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000))
    return isTextKey(key) ? t(key, { seconds }) : error.message
  }
  return t('error.network')
}
