import type { Conversation } from '@godwit/client'
import type { Receipts } from '@godwit/protocol/api.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { useEffect, useMemo, useState } from 'react'
import { t } from '../i18n.ts'
import { useNameOf, useProfiles } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Dialog } from '../ui/dialog.tsx'

interface ReadByDialogProps {
  readonly conversation: Conversation
  readonly seq: number
  readonly onClose: () => void
}

/** Who of a group has read a message, and who has only received it. */
export function ReadByDialog({ conversation, seq, onClose }: ReadByDialogProps) {
  const [receipts, setReceipts] = useState<Receipts | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  useEffect(() => {
    conversation.receipts(seq).then(setReceipts, (error: unknown) => setFailure(errorText(error)))
  }, [conversation, seq])
  const received = receipts?.delivered.filter((id) => !receipts.read.includes(id)) ?? []
  return (
    <Dialog title={t('chat.readBy')} onClose={onClose}>
      {failure ? <p role="alert">{failure}</p> : null}
      {receipts ? (
        <>
          <People title={t('receipts.read', { count: receipts.read.length })} ids={receipts.read} />
          <People title={t('receipts.delivered', { count: received.length })} ids={received} />
        </>
      ) : failure ? null : (
        <p>{t('common.loading')}</p>
      )}
    </Dialog>
  )
}

function People({ title, ids }: { readonly title: string; readonly ids: readonly UserId[] }) {
  const nameOf = useNameOf()
  useProfiles(useMemo(() => ids, [ids]))
  return (
    <section>
      <h3 className="label">{title}</h3>
      <ul className="people">
        {ids.map((id) => (
          <li key={id} className="person">
            <Avatar id={id} name={nameOf(id)} size="small" />
            <span dir="auto">{nameOf(id)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
