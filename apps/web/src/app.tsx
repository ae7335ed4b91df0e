import type { Client, Session } from '@godwit/client'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { SignIn } from './auth/sign-in.tsx'
import { t } from './i18n.ts'
import { ClientProvider } from './state/client.tsx'
import { openClient } from './state/session.ts'
import { useTheme } from './state/theme.ts'

const Shell = lazy(async () => ({ default: (await import('./shell/shell.tsx')).Shell }))

type Phase =
  | { readonly name: 'loading' }
  | { readonly name: 'signed-out'; readonly notice: string | null }
  | { readonly name: 'signed-in'; readonly client: Client }

/** Signed out: one page. Signed in: everything else, loaded only then. */
export function App() {
  const [phase, setPhase] = useState<Phase>({ name: 'loading' })
  useTheme()

  const enter = useCallback(async (session?: Session) => {
    const client = await openClient(session)
    setPhase(client.userId === null ? { name: 'signed-out', notice: null } : { name: 'signed-in', client })
  }, [])

  useEffect(() => {
    void enter()
  }, [enter])

  const client = phase.name === 'signed-in' ? phase.client : null
  useEffect(() => {
    if (client === null) return
    const ended = client.on('session', ({ reason }) => {
      setPhase({ name: 'signed-out', notice: reason === 'revoked' ? t('auth.revoked') : null })
    })
    // Errors of the connection are shown by the offline pill.
    client.connect().catch(() => undefined)
    return () => {
      ended()
      void client.close()
    }
  }, [client])

  switch (phase.name) {
    case 'loading':
      return null
    case 'signed-out':
      return <SignIn notice={phase.notice} onSession={(session) => void enter(session)} />
    case 'signed-in':
      return (
        <ClientProvider value={phase.client}>
          <Suspense fallback={null}>
            <Shell />
          </Suspense>
        </ClientProvider>
      )
  }
}
