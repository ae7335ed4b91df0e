import type { Failure } from '@godwit/client'
import { isTextKey, t } from '../i18n.ts'

/** Why a message was refused, in words that say what to do next. */
export function failureText(failure: Failure | null): string {
  if (failure === null) return t('error.network')
  const key = `error.${failure.code}`
  return isTextKey(key) ? t(key, { seconds: 1 }) : failure.message
}
