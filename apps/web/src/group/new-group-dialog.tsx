import type { HistorySetting } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useClient } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Switch } from '../ui/switch.tsx'
import { PeoplePicker } from './people-picker.tsx'
import { toggled } from './toggled.ts'

interface NewGroupDialogProps {
  readonly onClose: () => void
  readonly onOpen: (id: ConversationId) => void
}

const nobody: ReadonlySet<string> = new Set()

export function NewGroupDialog({ onClose, onOpen }: NewGroupDialogProps) {
  const client = useClient()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly UserProfile[]>([])
  const [history, setHistory] = useState<HistorySetting>('joined')
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const create = async () => {
    setBusy(true)
    setFailure(null)
    try {
      const conversation = await client.createGroup({ name: name.trim(), members: chosen.map(({ userId }) => userId), history })
      onClose()
      onOpen(conversation.id)
    } catch (error) {
      setFailure(errorText(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={t('group.new')}
      onClose={onClose}
      footer={
        <button
          type="button"
          className="button button-primary button-wide"
          disabled={busy || name.trim() === ''}
          onClick={() => void create()}
        >
          {t('group.create', { count: chosen.length + 1 })}
        </button>
      }
    >
      <Field
        label={t('group.name')}
        placeholder={t('group.namePlaceholder')}
        maxLength={limits.conversationNameCharsMax}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={failure ?? undefined}
      />
      <PeoplePicker
        label={t('group.addPeople')}
        without={nobody}
        chosen={chosen}
        onToggle={(user) => setChosen((all) => toggled(all, user))}
      />
      <Switch
        label={t('group.historyOpen')}
        hint={t('group.historyHint')}
        checked={history === 'all'}
        onChange={(all) => setHistory(all ? 'all' : 'joined')}
      />
    </Dialog>
  )
}
