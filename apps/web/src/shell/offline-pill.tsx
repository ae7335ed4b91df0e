import { useEffect, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient, useLive } from '../state/client.tsx'
import { Icon } from '../ui/icon.tsx'

/** A blip is not worth a word. */
const graceMs = 2_000

/** Says that the network is away; lies over the page, so that nothing moves. */
export function OfflinePill() {
  const client = useClient()
  const connection = useLive(client.connection)
  const away = connection.status === 'offline' || connection.status === 'connecting' || connection.status === 'stopped'
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (!away) {
      setShown(false)
      return
    }
    const timer = setTimeout(() => setShown(true), graceMs)
    return () => clearTimeout(timer)
  }, [away])
  return (
    <div className="offline" role="status">
      {shown && away ? (
        <span className="offline-pill">
          <Icon name="cloud" size={18} />
          {connection.status === 'stopped' ? t('shell.stopped') : t('shell.offline')}
          {connection.status === 'stopped' ? null : (
            <button type="button" onClick={() => client.wake()}>
              {t('shell.retryNow')}
            </button>
          )}
        </span>
      ) : null}
    </div>
  )
}
