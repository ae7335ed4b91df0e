/** Hints of a browser that the connection may have died, or may come back. Nothing where there is no page (Node, workers). */
export function onWake(wake: () => void, setActive: (active: boolean) => void): () => void {
  if (typeof document === 'undefined') return () => {}
  const visible = () => document.visibilityState === 'visible'
  const changed = () => {
    setActive(visible())
    if (visible()) wake()
  }
  document.addEventListener('visibilitychange', changed)
  globalThis.addEventListener('pageshow', wake)
  globalThis.addEventListener('online', wake)
  // Only a hint: some platforms say offline while the network is there. The probe tells.
  globalThis.addEventListener('offline', wake)
  setActive(visible())
  return () => {
    document.removeEventListener('visibilitychange', changed)
    globalThis.removeEventListener('pageshow', wake)
    globalThis.removeEventListener('online', wake)
    globalThis.removeEventListener('offline', wake)
  }
}
