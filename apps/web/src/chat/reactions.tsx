import type { TimelineItem } from '@godwit/client'
import { useMemo } from 'react'
import { t } from '../i18n.ts'
import { useMyId, useNameOf, useProfiles } from '../state/client.tsx'
import type { MessageActions } from './message-actions.ts'

interface ReactionsProps {
  readonly item: TimelineItem
  readonly disabled: boolean
  readonly actions: MessageActions
}

const namesMax = 12

/** Who reacted how; a click adds or takes back one's own. */
export function Reactions({ item, disabled, actions }: ReactionsProps) {
  const me = useMyId()
  const nameOf = useNameOf()
  useProfiles(
    useMemo(
      () => [...new Set(item.reactions.flatMap((reaction) => reaction.by.slice(0, namesMax).map((by) => by.userId)))],
      [item.reactions],
    ),
  )
  return (
    <div className="reactions">
      {item.reactions.map(({ emoji, by }) => {
        const mine = by.some(({ userId }) => userId === me)
        const names = by.slice(0, namesMax).map(({ userId }) => (userId === me ? t('chat.you') : nameOf(userId)))
        const who = names.join(', ')
        return (
          <button
            key={emoji}
            type="button"
            className="reaction"
            aria-pressed={mine}
            aria-label={t('reaction.label', { emoji, count: by.length, who })}
            title={who}
            disabled={disabled}
            onClick={() => actions.react(item, emoji, !mine)}
          >
            <span className="emoji">{emoji}</span>
            <span className="tabular">{by.length}</span>
          </button>
        )
      })}
    </div>
  )
}
