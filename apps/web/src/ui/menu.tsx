import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

interface MenuProps {
  readonly trigger: ReactNode
  readonly children: ReactNode
  readonly label: string
  readonly open?: boolean
  readonly onOpenChange?: (open: boolean) => void
  readonly align?: 'start' | 'end'
}

/** A button's menu. Not modal: a modal one injects a style element, which the content security policy refuses. */
export function Menu({ trigger, children, label, align = 'end', ...state }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false} {...state}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={6} collisionPadding={8} aria-label={label}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

interface MenuItemProps {
  readonly icon: IconName
  readonly children: ReactNode
  readonly onSelect: () => void
  readonly danger?: boolean
}

export function MenuItem({ icon, children, onSelect, danger = false }: MenuItemProps) {
  return (
    <DropdownMenu.Item className="menu-item" data-danger={danger || undefined} onSelect={onSelect}>
      <Icon name={icon} size={18} />
      {children}
    </DropdownMenu.Item>
  )
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="menu-separator" />
}

interface MenuEmojiProps {
  readonly emoji: readonly string[]
  readonly label: (emoji: string) => string
  readonly onPick: (emoji: string) => void
}

/** Emoji in one line at the top of a menu. */
export function MenuEmoji({ emoji, label, onPick }: MenuEmojiProps) {
  return (
    <DropdownMenu.Group className="quick-reactions">
      {emoji.map((one) => (
        <DropdownMenu.Item key={one} className="emoji-cell" aria-label={label(one)} onSelect={() => onPick(one)}>
          {one}
        </DropdownMenu.Item>
      ))}
    </DropdownMenu.Group>
  )
}
