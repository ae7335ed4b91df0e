import type { ComponentProps } from 'react'
import { Icon, type IconName } from './icon.tsx'

interface IconButtonProps extends ComponentProps<'button'> {
  readonly icon: IconName
  /** Spoken name and tooltip. */
  readonly label: string
  readonly size?: number
}

export function IconButton({ icon, label, size = 20, className = '', ...rest }: IconButtonProps) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} size={size} />
    </button>
  )
}
