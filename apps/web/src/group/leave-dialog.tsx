import type { Conversation } from '@godwit/client'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { errorText } from '../state/error-text.ts'
import { Dialog } from '../ui/dialog.tsx'

interface LeaveDialogProps {
  readonly conversation: Conversation
  readonly name: string
  readonly onClose: () => void
  readonly onLeft: () => void
}

export function LeaveDialog({ conversation, name, onClose, onLeft }: LeaveDialogProps) {
  const [failure, setFailure] = useState<string | null>(null)
  const leave = () =>
    conversation.leave().then(
      () => {
        onClose()
        onLeft()
      },
      (error: unknown) => setFailure(errorText(error)),
    )
  return (
    <Dialog
      title={t('group.leaveTitle', { name })}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="button" className="button button-danger" onClick={() => void leave()}>
            {t('group.leave')}
          </button>
        </>
      }
    >
      <p>{failure ?? t('group.leaveText')}</p>
    </Dialog>
  )
}
