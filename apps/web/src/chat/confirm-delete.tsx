import { t } from '../i18n.ts'
import { Dialog } from '../ui/dialog.tsx'

interface ConfirmDeleteProps {
  readonly mine: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

export function ConfirmDelete({ mine, onConfirm, onClose }: ConfirmDeleteProps) {
  return (
    <Dialog
      title={t('delete.title')}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('common.cancel')}
          </button>
          <button type="button" className="button button-danger" onClick={onConfirm}>
            {t('chat.delete')}
          </button>
        </>
      }
    >
      <p>{t(mine ? 'delete.own' : 'delete.other')}</p>
    </Dialog>
  )
}
