import type { MemberProfile } from '@godwit/client'
import { t } from '../i18n.ts'
import { Avatar } from '../ui/avatar.tsx'

interface MentionListProps {
  readonly id: string
  readonly members: readonly MemberProfile[]
  readonly active: number
  readonly onPick: (member: MemberProfile) => void
}

/** The focus stays in the text; aria-activedescendant tells which one is chosen. */
export function MentionList({ id, members, active, onPick }: MentionListProps) {
  return (
    <div className="mention-list" id={id} role="listbox" aria-label={t('compose.mention')}>
      {members.map((member, i) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text
        // biome-ignore lint/a11y/useKeyWithClickEvents: the composer has the keys
        <div
          key={member.userId}
          id={`${id}-${i}`}
          className="menu-item"
          role="option"
          aria-selected={i === active}
          data-highlighted={i === active || undefined}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(member)}
        >
          <Avatar id={member.userId} name={member.displayName} size="small" />
          <span className="truncate" dir="auto">
            {member.displayName}
          </span>
          <span className="mention-name">@{member.name}</span>
        </div>
      ))}
    </div>
  )
}
