import type { UserId } from '@godwit/protocol/ids.ts'
import { useEffect, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { useToast } from '../ui/toast.tsx'

/** Blocks somebody, or lets them write again. */
export function BlockButton({ userId, name }: { readonly userId: UserId; readonly name: string }) {
  const client = useClient()
  const toast = useToast()
  const [blocked, setBlocked] = useState<boolean | null>(null)
  useEffect(() => {
    client.blocks().then(
      (users) => setBlocked(users.some((user) => user.userId === userId)),
      () => undefined,
    )
  }, [client, userId])
  if (blocked === null) return null
  const toggle = async () => {
    try {
      await (blocked ? client.unblock(userId) : client.block(userId))
      setBlocked(!blocked)
      toast(t(blocked ? 'details.unblocked' : 'details.blocked', { name }))
    } catch (error) {
      toast(errorText(error))
    }
  }
  return (
    <section className="details-section">
      <button type="button" className="button button-danger button-wide" onClick={() => void toggle()}>
        {t(blocked ? 'details.unblock' : 'details.block', { name })}
      </button>
    </section>
  )
}
