import type { TimelineItem } from '@godwit/client'
import type { UserId } from '@godwit/protocol/ids.ts'
import { useMemo } from 'react'
import { t } from '../i18n.ts'
import { useMyId, useNameOf, useProfiles } from '../state/client.tsx'

/** A membership entry as a sentence. */
export function SystemText({ item }: { readonly item: TimelineItem }) {
  const me = useMyId()
  const nameOf = useNameOf()
  useProfiles(useMemo(() => peopleIn(item), [item]))
  return sentence(item, (id) => (id === me ? t('chat.you') : nameOf(id)))
}

function sentence({ senderId, content }: TimelineItem, name: (id: UserId) => string): string | null {
  const who = name(senderId)
  switch (content.kind) {
    case 'created':
      return t('system.created', { who, name: content.name ?? '' })
    case 'added':
      return t('system.added', { who, names: listed(content.members.map((member) => name(member.userId))) })
    case 'removed':
      return content.userId === senderId ? t('system.left', { who }) : t('system.removed', { who, name: name(content.userId) })
    case 'role':
      return t('system.role', { who, name: name(content.userId), role: t(`role.${content.role}`).toLocaleLowerCase() })
    case 'renamed':
      return t('system.renamed', { who, name: content.name })
    case 'settings':
      return t(content.history === 'all' ? 'system.historyAll' : 'system.historyJoined', { who })
    case 'message':
      return null
  }
}

const namesMax = 5

function listed(names: readonly string[]): string {
  const shown = names.slice(0, namesMax)
  if (names.length > namesMax) shown.push(t('system.others', { count: names.length - namesMax }))
  return new Intl.ListFormat(undefined, { type: 'conjunction' }).format(shown)
}

function peopleIn({ senderId, content }: TimelineItem): readonly UserId[] {
  switch (content.kind) {
    case 'added':
      return [senderId, ...content.members.slice(0, namesMax).map((member) => member.userId)]
    case 'removed':
    case 'role':
      return [senderId, content.userId]
    default:
      return [senderId]
  }
}
