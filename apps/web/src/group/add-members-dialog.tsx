import type { Conversation, MemberProfile } from '@godwit/client'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import { useMemo, useState } from 'react'
import { t } from '../i18n.ts'
import { errorText } from '../state/error-text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { PeoplePicker } from './people-picker.tsx'
import { toggled } from './toggled.ts'

interface AddMembersDialogProps {
  readonly conversation: Conversation
  readonly members: readonly MemberProfile[]
  readonly onClose: () => void
  readonly onAdded: () => void
}

export function AddMembersDialog({ conversation, members, onClose, onAdded }: AddMembersDialogProps) {
  const [chosen, setChosen] = useState<readonly UserProfile[]>([])
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const without = useMemo(() => new Set<string>(members.map(({ userId }) => userId)), [members])
  const add = async () => {
    setBusy(true)
    try {
      await conversation.addMembers(chosen.map(({ userId }) => userId))
      onAdded()
      onClose()
    } catch (error) {
      setFailure(errorText(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={t('group.addPeople')}
      onClose={onClose}
      footer={
        <button
          type="button"
          className="button button-primary button-wide"
          disabled={busy || chosen.length === 0}
          onClick={() => void add()}
        >
          {t('group.addCount', { count: chosen.length })}
        </button>
      }
    >
      <PeoplePicker
        label={t('people.userName')}
        without={without}
        chosen={chosen}
        onToggle={(user) => setChosen((all) => toggled(all, user))}
      />
      {failure ? (
        <p className="field-note" role="alert">
          {failure}
        </p>
      ) : null}
    </Dialog>
  )
}
