/** Finding people in text: while it is typed, and when it is sent. */
import type { MemberProfile } from '@godwit/client'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'

const suggestionsMax = 6

/** The name that is being typed after an @, and where the @ stands; null when the caret is elsewhere. */
export function mentionAt(text: string, caret: number): { readonly start: number; readonly typed: string } | null {
  const match = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,32})$/u.exec(text.slice(0, caret))
  const typed = match?.[1]
  return typed === undefined ? null : { start: caret - typed.length - 1, typed }
}

export function suggest(members: readonly MemberProfile[], typed: string): readonly MemberProfile[] {
  const wanted = typed.toLocaleLowerCase()
  return members
    .filter(({ name, displayName }) => {
      const shown = displayName.toLocaleLowerCase()
      return name.startsWith(wanted) || shown.startsWith(wanted) || shown.split(' ').some((word) => word.startsWith(wanted))
    })
    .slice(0, suggestionsMax)
}

/** Members whose @name stands in the text. */
export function mentionedIn(text: string, members: readonly MemberProfile[]): readonly UserId[] {
  const names = new Set(
    [...text.matchAll(/@([a-z0-9][a-z0-9._-]{0,31})/giu)].map(([, name = '']) => name.toLowerCase().replace(/[._-]+$/u, '')),
  )
  return members
    .filter(({ name }) => names.has(name))
    .map(({ userId }) => userId)
    .slice(0, limits.mentionsMax)
}
