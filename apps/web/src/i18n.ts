/**
 * Strings live in en.json, keyed by where they stand; another language is one more file of that shape. `{{name}}` is a value,
 * and a key with `_one` and `_other` is chosen by `count` in the language's own plural rule.
 */
import en from './en.json'

type Plain<Key> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key
export type TextKey = Plain<keyof typeof en>

const texts: Readonly<Record<string, string>> = en
const plural = new Intl.PluralRules('en')

/** The text of `key`. A key that is not there shows itself. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const form = typeof values.count === 'number' ? texts[`${key}_${plural.select(values.count)}`] : undefined
  const text = form ?? texts[key] ?? key
  return text.replace(/\{\{(\w+)\}\}/gu, (hole, name: string) => String(values[name] ?? hole))
}

/** Whether there is a text for a key that comes from outside, such as an error code. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(texts, key)
}
