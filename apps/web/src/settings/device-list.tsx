import type { Device } from '@godwit/protocol/api.ts'
import { useEffect, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { useNow } from '../state/use-now.ts'
import { ago } from '../text/time.ts'
import { Icon } from '../ui/icon.tsx'
import { useToast } from '../ui/toast.tsx'

/** Where one is signed in; another device can be signed out from here. */
export function DeviceList() {
  const client = useClient()
  const toast = useToast()
  const now = useNow()
  const [devices, setDevices] = useState<readonly Device[]>([])
  useEffect(() => {
    client.devices().then(setDevices, (error: unknown) => toast(errorText(error)))
  }, [client, toast])
  const revoke = async (device: Device) => {
    try {
      await client.revokeDevice(device.deviceId)
      setDevices((all) => all.filter((one) => one.deviceId !== device.deviceId))
    } catch (error) {
      toast(errorText(error))
    }
  }
  return (
    <ul className="people">
      {devices.map((device) => (
        <li key={device.deviceId} className="person">
          <span className="device-icon">
            <Icon name="device" size={18} />
          </span>
          <span className="person-text">
            <span className="truncate" dir="auto">
              {device.name || t('settings.unnamedDevice')}
            </span>
            <span className="person-note">
              {device.current
                ? t('settings.thisDevice')
                : t('settings.deviceSeen', { ago: ago(device.lastSeenAt ?? device.createdAt, now) })}
            </span>
          </span>
          {device.current ? null : (
            <button type="button" className="button button-plain" onClick={() => void revoke(device)}>
              {t('settings.revoke')}
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}
