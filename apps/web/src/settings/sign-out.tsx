import { useState } from 'react'
import { t } from '../i18n.ts'
import { useClient, useLive } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { Icon } from '../ui/icon.tsx'
import { useToast } from '../ui/toast.tsx'

/** Signing out forgets this device: it asks first when something has not been sent. */
export function SignOut() {
  const client = useClient()
  const outbox = useLive(client.outbox)
  const toast = useToast()
  const [asked, setAsked] = useState(false)
  const signOut = () => {
    if (outbox.length > 0 && !asked) setAsked(true)
    else client.signOut().catch((error: unknown) => toast(errorText(error)))
  }
  return (
    <>
      {asked ? (
        <p className="auth-error" role="alert">
          {t('settings.unsent', { count: outbox.length })}
        </p>
      ) : null}
      <button type="button" className="button button-danger button-wide" onClick={signOut}>
        <Icon name="leave" size={18} />
        {t(asked ? 'settings.signOutAnyway' : 'settings.signOut')}
      </button>
    </>
  )
}
