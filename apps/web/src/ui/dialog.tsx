import { type ReactNode, useEffect, useId, useRef } from 'react'
import { t } from '../i18n.ts'
import { IconButton } from './icon-button.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons under the content, outside the scrolling part. */
  readonly footer?: ReactNode
  readonly size?: 'narrow' | 'wide'
}

/**
 * A modal dialog on the browser's own `<dialog>`: the rest of the page is inert, Escape closes it, and the focus goes back to where
 * it was. It needs no injected style, so it lives under the page's content security policy.
 */
export function Dialog({ title, onClose, children, footer, size = 'narrow' }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    return () => {
      element?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, through onCancel
    <dialog
      ref={dialog}
      className={`dialog dialog-${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <div className="dialog-card">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label={t('common.close')} onClick={onClose} />
        </header>
        <div className="dialog-body scroll">{children}</div>
        {footer ? <footer className="dialog-foot">{footer}</footer> : null}
      </div>
    </dialog>
  )
}
