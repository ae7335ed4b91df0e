import type { Entry } from '@godwit/protocol/entry.ts'

/** A message or an edit as its deletion leaves it: text, mentions, reply and body are gone, the place stays. */
export function withoutText(entry: Entry): Entry {
  if (entry.kind === 'message') {
    const { mentions: _mentions, replyTo: _replyTo, body: _body, ...rest } = entry
    return { ...rest, text: '' }
  }
  if (entry.kind === 'edit') {
    const { mentions: _mentions, ...rest } = entry
    return { ...rest, text: '' }
  }
  return entry
}
