import { login, register, type Session } from '@godwit/client'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { type FormEvent, useId, useState } from 'react'
import { t } from '../i18n.ts'
import { errorText } from '../state/error-text.ts'
import { deviceName } from '../state/session.ts'
import { Brand } from '../ui/brand.tsx'
import { Field } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { checkName, checkPassword, missing } from './check.ts'

interface SignInProps {
  /** Why one is here, when one was signed out. */
  readonly notice: string | null
  readonly onSession: (session: Session) => void
}

/** One page for both: sign in, and create an account. */
export function SignIn({ notice, onSession }: SignInProps) {
  const [creating, setCreating] = useState(false)
  const [name, setName] = useState('')
  const [displayName, setDisplayName] = useState('')
  const [password, setPassword] = useState('')
  const [failure, setFailure] = useState<unknown>(null)
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const title = useId()

  const nameError = tried ? (creating ? checkName(name) : missing(name, 'auth.nameMissing')) : undefined
  const passwordError = tried ? (creating ? checkPassword(password) : missing(password, 'auth.passwordMissing')) : undefined
  const taken = failure instanceof GodwitError && failure.code === 'NAME_TAKEN'

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    setFailure(null)
    if (creating ? (checkName(name) ?? checkPassword(password)) !== undefined : name.trim() === '' || password === '') return
    setBusy(true)
    const account = { url: location.origin, name: name.trim().toLowerCase(), password, deviceName: deviceName() }
    const shown = displayName.trim()
    try {
      onSession(await (creating ? register({ ...account, ...(shown ? { displayName: shown } : {}) }) : login(account)))
    } catch (error) {
      setFailure(error)
      setBusy(false)
    }
  }

  return (
    <main className="auth">
      <section className="auth-card" aria-labelledby={title}>
        <p className="auth-brand">
          <Brand /> Godwit
        </p>
        <div>
          <h1 id={title}>{t(creating ? 'auth.createTitle' : 'auth.signInTitle')}</h1>
          <p className="auth-lead">{t(creating ? 'auth.createLead' : 'auth.signInLead')}</p>
        </div>
        {notice && !failure ? (
          <p className="auth-error">
            <Icon name="info" size={18} />
            {notice}
          </p>
        ) : null}
        <form onSubmit={submit} noValidate>
          <Field
            label={t('auth.name')}
            hint={creating ? t('auth.nameHint') : undefined}
            error={taken ? t('error.NAME_TAKEN') : nameError}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={limits.userNameCharsMax}
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          {creating ? (
            <Field
              label={t('auth.displayName')}
              hint={t('auth.displayNameHint')}
              name="name"
              autoComplete="name"
              maxLength={limits.displayNameCharsMax}
              value={displayName}
              onChange={(event) => setDisplayName(event.target.value)}
            />
          ) : null}
          <Field
            label={t('auth.password')}
            hint={creating ? t('auth.passwordHint', { min: limits.passwordCharsMin }) : undefined}
            error={passwordError}
            name="password"
            type="password"
            autoComplete={creating ? 'new-password' : 'current-password'}
            maxLength={limits.passwordCharsMax}
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          {failure && !taken ? (
            <p className="auth-error" role="alert">
              <Icon name="alert" size={18} />
              {errorText(failure)}
            </p>
          ) : null}
          <button type="submit" className="button button-primary button-wide" disabled={busy}>
            {t(busy ? 'auth.busy' : creating ? 'auth.create' : 'auth.signIn')}
          </button>
        </form>
        <p className="auth-switch">
          {t(creating ? 'auth.haveAccount' : 'auth.noAccount')}{' '}
          <button
            type="button"
            onClick={() => {
              setCreating(!creating)
              setFailure(null)
              setTried(false)
            }}
          >
            {t(creating ? 'auth.signIn' : 'auth.create')}
          </button>
        </p>
      </section>
    </main>
  )
}
