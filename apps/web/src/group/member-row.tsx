import type { MemberProfile } from '@godwit/client'
import type { Role } from '@godwit/protocol/entry.ts'
import { t } from '../i18n.ts'
import { Avatar } from '../ui/avatar.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu, MenuItem, MenuSeparator } from '../ui/menu.tsx'

interface MemberRowProps {
  readonly member: MemberProfile
  readonly me: boolean
  readonly myRole: Role | null
  readonly onMessage: () => void
  readonly onRole: (role: Role) => void
  readonly onRemove: () => void
}

/** A member, their role, and what one may do. The server decides; this only leaves out what it would refuse. */
export function MemberRow({ member, me, myRole, onMessage, onRole, onRemove }: MemberRowProps) {
  const owner = myRole === 'owner'
  const mayRemove = !me && (owner || (myRole === 'admin' && member.role === 'member'))
  const roles = (['owner', 'admin', 'member'] as const).filter((role) => owner && !me && role !== member.role)
  return (
    <li className="person">
      <Avatar id={member.userId} name={member.displayName} size="small" />
      <span className="person-text">
        <span className="truncate" dir="auto">
          {member.displayName}
          {me ? <span className="person-note"> ({t('chat.you')})</span> : null}
        </span>
        <span className="person-note truncate">@{member.name}</span>
      </span>
      {member.role === 'member' ? null : <span className="role">{t(`role.${member.role}`)}</span>}
      {me ? null : (
        <Menu
          label={t('group.memberActions', { name: member.displayName })}
          trigger={<IconButton icon="more" size={18} label={t('group.memberActions', { name: member.displayName })} />}
        >
          <MenuItem icon="send" onSelect={onMessage}>
            {t('group.message')}
          </MenuItem>
          {roles.map((role) => (
            <MenuItem key={role} icon="person" onSelect={() => onRole(role)}>
              {t(`group.make.${role}`)}
            </MenuItem>
          ))}
          {mayRemove ? (
            <>
              <MenuSeparator />
              <MenuItem icon="trash" danger onSelect={onRemove}>
                {t('group.remove')}
              </MenuItem>
            </>
          ) : null}
        </Menu>
      )}
    </li>
  )
}
