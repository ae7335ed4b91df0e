import { useState } from 'react'
import { t } from '../i18n.ts'
import { useLocalSetting } from '../state/local-setting.ts'
import { Switch } from '../ui/switch.tsx'

/** The browser is asked only when this is switched on. */
export function NotificationSetting() {
  const supported = 'Notification' in globalThis
  const [permission, setPermission] = useState(supported ? Notification.permission : 'denied')
  const [wanted, setWanted] = useLocalSetting<'on' | 'off'>('notifications', 'on')
  const change = async (on: boolean) => {
    if (on && permission === 'default') setPermission(await Notification.requestPermission())
    setWanted(on ? 'on' : 'off')
  }
  const hint = !supported ? 'settings.notifyUnsupported' : permission === 'denied' ? 'settings.notifyDenied' : 'settings.notifyHint'
  return (
    <Switch
      label={t('settings.notify')}
      hint={t(hint)}
      checked={permission === 'granted' && wanted === 'on'}
      disabled={permission === 'denied'}
      onChange={(on) => void change(on)}
    />
  )
}
