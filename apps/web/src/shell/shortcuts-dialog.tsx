import { type TextKey, t } from '../i18n.ts'
import { Dialog } from '../ui/dialog.tsx'

const shortcuts: readonly (readonly [keys: string, text: TextKey])[] = [
  ['Ctrl K', 'keys.switcher'],
  ['Alt ↑ ↓', 'keys.conversation'],
  ['Alt Shift ↑ ↓', 'keys.unread'],
  ['Enter', 'keys.send'],
  ['Shift Enter', 'keys.break'],
  ['↑', 'keys.editLast'],
  ['Esc', 'keys.cancel'],
  ['↑ ↓ Home End', 'keys.history'],
  ['Ctrl /', 'keys.help'],
]

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={t('keys.title')} onClose={onClose}>
      <dl className="shortcuts">
        {shortcuts.map(([keys, text]) => (
          <div key={text}>
            <dt>{t(text)}</dt>
            <dd>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
