import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useClient } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { PeoplePicker } from './people-picker.tsx'

interface NewChatDialogProps {
  readonly onClose: () => void
  readonly onOpen: (id: ConversationId) => void
  readonly onGroup: () => void
}

const nobody: ReadonlySet<string> = new Set()

export function NewChatDialog({ onClose, onOpen, onGroup }: NewChatDialogProps) {
  const client = useClient()
  const [failure, setFailure] = useState<string | null>(null)
  const start = async (user: UserProfile) => {
    try {
      const conversation = await client.openDirect(user.userId)
      onClose()
      onOpen(conversation.id)
    } catch (error) {
      setFailure(errorText(error))
    }
  }
  return (
    <Dialog title={t('list.newChat')} onClose={onClose}>
      <PeoplePicker label={t('people.userName')} without={nobody} chosen={[]} onToggle={(user) => void start(user)} single />
      {failure ? (
        <p className="field-note" role="alert">
          {failure}
        </p>
      ) : null}
      <button type="button" className="button button-wide" onClick={onGroup}>
        <Icon name="group" size={18} />
        {t('group.new')}
      </button>
    </Dialog>
  )
}
