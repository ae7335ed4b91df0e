import { hue, initials } from '../text/initials.ts'

/** Colours of avatars and of sender names in groups; avatar.css holds them. */
export const avatarColours = 8

interface AvatarProps {
  /** Chooses the colour, so that one person keeps it everywhere. */
  readonly id: string
  readonly name: string
  readonly size?: 'small' | 'medium' | 'large' | 'huge'
  readonly online?: boolean
}

/** Initials on a stable colour. Decoration: the name stands beside it. */
export function Avatar({ id, name, size = 'medium', online = false }: AvatarProps) {
  return (
    <span className={`avatar avatar-${size}`} data-colour={hue(id, avatarColours)} data-online={online || undefined} aria-hidden="true">
      <span className="avatar-initials">{initials(name)}</span>
    </span>
  )
}
