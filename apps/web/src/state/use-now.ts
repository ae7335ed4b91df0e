import { useEffect, useState } from 'react'

/** Unix ms, renewed every minute: for "5 minutes ago" and "Yesterday". */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
