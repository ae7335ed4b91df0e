import { useSyncExternalStore } from 'react'

/** Whether somebody is looking: the tab is shown and has the focus. Nothing is read without it. */
export function useAttention(): boolean {
  return useSyncExternalStore(subscribe, hasAttention)
}

export function hasAttention(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}

function subscribe(listener: () => void): () => void {
  const on = [
    [document, 'visibilitychange'],
    [window, 'focus'],
    [window, 'blur'],
  ] as const
  for (const [target, type] of on) target.addEventListener(type, listener)
  return () => {
    for (const [target, type] of on) target.removeEventListener(type, listener)
  }
}
