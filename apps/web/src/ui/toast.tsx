import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import { Icon } from './icon.tsx'
import { IconButton } from './icon-button.tsx'

interface Toast {
  readonly id: number
  readonly text: string
}

const toastLifetimeMs = 6_000
const toastsMax = 3

const ToastContext = createContext<(text: string) => void>(() => undefined)

/** Shows `text` for a few seconds, also to screen readers. */
export function useToast(): (text: string) => void {
  return useContext(ToastContext)
}

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const next = useRef(0)
  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const show = useCallback(
    (text: string) => {
      const id = next.current++
      setToasts((all) => [...all.filter((toast) => toast.text !== text), { id, text }].slice(-toastsMax))
      setTimeout(() => drop(id), toastLifetimeMs)
    },
    [drop],
  )
  const list = useMemo(
    () =>
      toasts.map((toast) => (
        <div className="toast" key={toast.id}>
          <Icon name="info" />
          <span dir="auto">{toast.text}</span>
          <IconButton icon="close" size={16} label={t('common.dismiss')} onClick={() => drop(toast.id)} />
        </div>
      )),
    [toasts, drop],
  )
  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" role="status">
        {list}
      </div>
    </ToastContext>
  )
}
