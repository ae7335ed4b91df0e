import type { Me, MePatch } from '@godwit/protocol/api.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { useEffect, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { Switch } from '../ui/switch.tsx'
import { useToast } from '../ui/toast.tsx'
import { DeviceList } from './device-list.tsx'
import { NotificationSetting } from './notification-setting.tsx'
import { SignOut } from './sign-out.tsx'
import { ThemeSetting } from './theme-setting.tsx'

interface SettingsDialogProps {
  readonly onClose: () => void
  readonly onShortcuts: () => void
}

export function SettingsDialog({ onClose, onShortcuts }: SettingsDialogProps) {
  const client = useClient()
  const toast = useToast()
  const [me, setMe] = useState<Me | null>(null)
  const [name, setName] = useState('')
  useEffect(() => {
    client.me().then(
      (mine) => {
        setMe(mine)
        setName(mine.displayName)
      },
      (error: unknown) => toast(errorText(error)),
    )
  }, [client, toast])
  const update = async (patch: MePatch) => {
    try {
      setMe(await client.updateMe(patch))
    } catch (error) {
      toast(errorText(error))
    }
  }
  return (
    <Dialog title={t('settings.title')} onClose={onClose} size="wide">
      {me ? (
        <form
          className="profile"
          onSubmit={(event) => {
            event.preventDefault()
            void update({ displayName: name.trim() })
          }}
        >
          <Avatar id={me.userId} name={me.displayName} size="huge" />
          <div className="profile-fields">
            <label className="label" htmlFor="display-name">
              {t('auth.displayName')}
            </label>
            <div className="rename-row">
              <input
                id="display-name"
                className="input"
                dir="auto"
                maxLength={limits.displayNameCharsMax}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
              {name.trim() !== '' && name.trim() !== me.displayName ? (
                <button type="submit" className="button button-primary">
                  {t('common.save')}
                </button>
              ) : null}
            </div>
            <p className="field-note">{t('settings.userName', { name: me.name })}</p>
          </div>
        </form>
      ) : null}
      <section className="settings-section">
        <h3 className="label">{t('settings.appearance')}</h3>
        <ThemeSetting />
      </section>
      <section className="settings-section">
        <h3 className="label">{t('settings.notifications')}</h3>
        <NotificationSetting />
      </section>
      {me ? (
        <section className="settings-section">
          <h3 className="label">{t('settings.privacy')}</h3>
          <Switch
            label={t('settings.readReceipts')}
            hint={t('settings.readReceiptsHint')}
            checked={me.privacy.readReceipts}
            onChange={(readReceipts) => void update({ privacy: { readReceipts } })}
          />
          <Switch
            label={t('settings.lastSeen')}
            hint={t('settings.lastSeenHint')}
            checked={me.privacy.lastSeen}
            onChange={(lastSeen) => void update({ privacy: { lastSeen } })}
          />
        </section>
      ) : null}
      <section className="settings-section">
        <h3 className="label">{t('settings.devices')}</h3>
        <DeviceList />
      </section>
      <button type="button" className="button button-wide" onClick={onShortcuts}>
        <Icon name="keyboard" size={18} />
        {t('keys.title')}
      </button>
      <SignOut />
    </Dialog>
  )
}
