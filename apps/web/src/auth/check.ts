/** What is wrong with a name or password before it is sent; undefined when nothing is. The server has the last word. */
import { userNamePattern } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { type TextKey, t } from '../i18n.ts'

export function checkName(name: string): string | undefined {
  return userNamePattern.test(name.trim().toLowerCase()) ? undefined : t('auth.nameInvalid', { max: limits.userNameCharsMax })
}

export function checkPassword(password: string): string | undefined {
  return password.length >= limits.passwordCharsMin ? undefined : t('auth.passwordShort', { min: limits.passwordCharsMin })
}

export function missing(value: string, text: TextKey): string | undefined {
  return value.trim() === '' ? t(text) : undefined
}
