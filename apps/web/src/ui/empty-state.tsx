import { Icon, type IconName } from './icon.tsx'

interface EmptyStateProps {
  readonly icon: IconName
  readonly title: string
  readonly text: string
  readonly action?: string
  readonly onAction?: () => void
}

/** Nothing is here yet, and the one thing to do about it. */
export function EmptyState({ icon, title, text, action, onAction }: EmptyStateProps) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={28} />
      </span>
      <p className="empty-title">{title}</p>
      <p className="empty-text">{text}</p>
      {action ? (
        <button type="button" className="button button-primary" onClick={onAction}>
          {action}
        </button>
      ) : null}
    </div>
  )
}
